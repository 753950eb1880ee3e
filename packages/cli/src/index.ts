export { main } from './main.ts'
export { processIo, runProcess } from './process-io.ts'
export type { Io, OpenKiln, Screen } from './io.ts'
export { exitCodes } from './exit-codes.ts'
