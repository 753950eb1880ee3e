export { codes, type ErrorCode, type FailureClass } from './failure/codes.ts'
export { BuildError, classOf, isBuildError, toFailure, type Failure, type Json } from './failure/error.ts'

// drivers
export {
  StepFailure,
  type Built,
  type Bytes,
  type Capabilities,
  type Context,
  type Credential,
  type Digest,
  type Driver,
  type Images,
  type Job,
  type Limits,
  type Output,
  type Platform,
  type Probe,
  type StepEvent,
  type StepFacts,
  type StopReason,
} from './driver/driver.ts'
export { dialects, type Dialect, type DockerfileRecipe, type Recipe } from './dockerfile/recipe.ts'
export { shown } from './failure/error.ts'

// store
export { memoryStore, type MemoryStoreOptions } from './store/memory.ts'
export { memoryBlobs, type MemoryBlobsOptions } from './store/memory-blobs.ts'
export { storeOver, type StoreOptions } from './store/backed.ts'
export { createChanges, type Changes, type Listener, type Poll } from './store/changes.ts'
export type { AnsweredRow, Backend, BuildRow, Cursor, RowQuery, Rows, RunRow, Shared } from './store/rows.ts'
export { leaseMs, renewMs, type ClaimRules, type FinishedRun, type Lease, type ListQuery, type PruneRules } from './store/store.ts'
export type { BuildFilter, ListSort, Load, Queue, Store, StoredDocument } from './store/store.ts'
export type { Blobs } from './store/blobs.ts'
export { finalStates, isFinal, type Accept, type BuildEvent, type BuildRecord, type FinalState, type Inputs } from './store/records.ts'
export type { Idempotency, KeptEvent, NewDocument, Outcome, QueueCaps, Registration, Reuse, State } from './store/records.ts'

// sources
export { archive } from './source/archive.ts'
export { files, type FileMap } from './source/files.ts'
export { defaultLimits, type Access, type Entry, type Opening, type Source, type SourceLimits } from './source/source.ts'
export { denyList, denyMarkers } from './source/denied.ts'
export { createIgnore, ignoreFileNames, type Ignore, type Ignored, type IgnoreFolder, type IgnoreOptions } from './source/ignore.ts'
export { removeDeadSpools, spoolPrefix } from './source/spool.ts'

// the engine
export { createEngine, defaultPruneRules, type Engine, type EngineOptions, type Pruned } from './engine.ts'
export type { Documents, Kiln, RegisteredImage, TenantBlobs } from './kiln.ts'
export type { Build, BuildListeners, MissExplanation } from './build.ts'
export type { BuildRequest } from './request.ts'
export type { ReuseRule } from './reuse.ts'
export { directory } from './source/directory.ts'
export { hashTree } from './context/hash.ts'
export { letGo } from './source/let-go.ts'
export { freeze } from './store/frozen.ts'
export { Blocks } from './threads/blocks.ts'
export { digestApart, type DigestApart } from './threads/digest.ts'
export type { TreeHash } from './context/context.ts'
export type { StatIndex } from './source/index-file.ts'

// planning
export { plan } from './plan/make-plan.ts'
export { parseConfig, readConfig, mergeConfigs, type Config } from './plan/config.ts'
export { ownConfig } from './plan/own-config.ts'
export { parsePlan } from './plan/plan-schema.ts'
export { patchedConfig } from './plan/patch.ts'
export { inlineJson } from './plan/inline-json.ts'
export { planChanges, type PlanChange } from './plan/changes.ts'
export { requirements, type RequiredPackage, type Requirements } from './plan/requirements.ts'
export { requirementsText } from './plan/requirements-text.ts'
export { validateConfig, type ConfigFault } from './plan/validate.ts'
export { defaultEdition, editionOf, editions, type Edition } from './plan/editions.ts'
export type { Arg, Plan, Planned, PlanDependency, PlanEvidence, Step } from './plan/plan.ts'
export type { Candidate, Dependency, Evidence, Notice, Unresolved } from './detect/detection.ts'
export { dockerfileName, render } from './dockerfile/render.ts'

// inference
export { inferJavaScript } from './infer/javascript.ts'
export { inferredLanguages, type InferredLanguage } from './infer/languages.ts'
export { inferPython } from './infer/python.ts'
export { reachablePython } from './infer/python-files.ts'
export type { Import, Inference, InferOptions } from './infer/infer.ts'

// findings
export { findings, type Destination, type Findings, type FoundModel, type FoundSecret } from './findings/findings.ts'
