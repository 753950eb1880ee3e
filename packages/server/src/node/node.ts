export { listen, type Listening, type ListenOptions } from './listen.ts'
export { toNodeListener, type FetchHandler, type NodeListener } from './listener.ts'
export { disablePretenuring } from './pretenuring.ts'
