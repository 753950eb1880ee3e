import type { ServerLimits } from '../limits/limits.ts'
import type { Logs } from './logs.ts'

export function createLogs(_limits: ServerLimits): Logs & AsyncDisposable {
  return { stream: async () => Promise.reject(new Error('to come')), async [Symbol.asyncDispose]() {} }
}
