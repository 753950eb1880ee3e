import { dataDirOf } from '../data-dir.ts'
import type { DoctorOptions } from '../commands/doctor.ts'
import type { Io } from '../io.ts'
import type { Check } from './check.ts'
import { checkDataDir } from './data-directory.ts'
import { checkEngine } from './engine.ts'
import { checkClock, checkNode, checkProxies } from './machine.ts'
import { checkMetadata } from './metadata.ts'
import { checkRegistry } from './registry.ts'

/** All checks, in the order in which one would mend things. Each is bounded in time and none throws. */
export async function checksOf(io: Io, options: DoctorOptions): Promise<readonly Check[]> {
  const dataDir = await dataDirOf(io, options.dataDir)
  const registry = options.registry ?? io.env['KILN_REGISTRY']
  return [
    checkNode(process.versions.node),
    checkClock(io.now()),
    ...checkDataDir(dataDir),
    ...(await checkEngine(io, dataDir)),
    await checkMetadata(io),
    ...checkProxies(io.env),
    ...(registry ? [await checkRegistry(registry)] : []),
  ]
}
