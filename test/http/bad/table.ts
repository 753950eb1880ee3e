// The table of bad inputs: security.md, section 4, cases 1 to 109, in its order.
import * as addresses from './addresses.ts'
import * as bodies from './bodies.ts'
import * as connections from './connections.ts'
import * as keys from './keys.ts'
import * as pipecatBuilds from './pipecat-builds.ts'
import * as pipecatUploads from './pipecat-uploads.ts'
import type { Row } from './row.ts'
import * as runagentsFiles from './runagents-files.ts'
import * as runagentsHow from './runagents-how.ts'
import * as scaleArchives from './scale-archives.ts'
import * as scaleEntries from './scale-entries.ts'
import * as scaleFields from './scale-fields.ts'
import * as scaleForms from './scale-forms.ts'
import * as scaleReads from './scale-reads.ts'

export const table: readonly Row[] = [
  ...keys.authorization,
  ...addresses.addresses,
  ...bodies.bodies,
  ...connections.wire,
  ...connections.limits,
  ...runagentsFiles.names,
  ...runagentsFiles.files,
  ...runagentsHow.how,
  ...runagentsHow.gets,
  ...scaleForms.forms,
  ...scaleForms.sizes,
  ...scaleForms.agents,
  ...scaleArchives.archives,
  ...scaleArchives.dockerfiles,
  ...scaleEntries.trees,
  ...scaleFields.names,
  ...scaleFields.lists,
  ...scaleReads.logs,
  ...scaleReads.cancels,
  ...pipecatUploads.regions,
  ...pipecatUploads.uploads,
  ...pipecatBuilds.builds,
  ...pipecatBuilds.lists,
]
