import { BuildError } from '@kiln/core'

export interface LimitOptions {
  /** bytes a step may use, memory and swap together; default 2 GiB */
  readonly memory?: number
  /** processors a step may use; default 2 */
  readonly cpus?: number
  /** the network of the steps: `default`, `none`, `host` or the name of a network; default `default` */
  readonly network?: string
}

export type StepLimits = Required<LimitOptions>

const defaults: StepLimits = { memory: 2 * 2 ** 30, cpus: 2, network: 'default' }
const leastMemory = 6 * 2 ** 20

/** The options with their defaults. Throws `invalid_argument`. */
export function readLimits(options: LimitOptions = {}): StepLimits {
  const limits = { ...defaults, ...withoutUndefined(options) }
  if (!Number.isSafeInteger(limits.memory) || limits.memory < leastMemory)
    throw new BuildError('invalid_argument', `limits.memory has to be a number of bytes from ${leastMemory}.`)
  if (!(limits.cpus >= 0.01 && limits.cpus <= 1024))
    throw new BuildError('invalid_argument', 'limits.cpus has to be a number from 0.01 to 1024.')
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(limits.network))
    throw new BuildError('invalid_argument', 'limits.network has to be the name of a network.')
  return limits
}

function withoutUndefined(options: LimitOptions): LimitOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
