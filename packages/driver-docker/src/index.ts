export type { AddressOptions, Tls } from './address.ts'
export { docker, type DockerOptions } from './docker.ts'
export type { LimitOptions } from './limits.ts'
