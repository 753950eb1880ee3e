export { openKiln, type OpenOptions } from './open.ts'
export { createRegistry, dockerConfig } from '@kiln/registry'
export { defaultDataDir, indexOf } from './data-dir.ts'
export { archive, directory, files, type Build, type BuildRecord, type BuildRequest, type Engine, type Kiln, type Source } from '@kiln/core'
