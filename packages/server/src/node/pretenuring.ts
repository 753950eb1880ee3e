import { setFlagsFromString } from 'node:v8'

/**
 * For a process that is this server and little else, before it listens; it holds for the whole process. V8 watches which literals make
 * objects that survive its collections, and makes those of the old generation from then on. One collection in the midst of many requests
 * misleads it, for good: whatever such an object knows then survives as well, and a server under load stops four times as long at each
 * collection (docs/decisions.md).
 */
export function disablePretenuring(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
