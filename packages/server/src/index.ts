export { createHandler, type Handler, type HandlerOptions } from './handler.ts'
export {
  route,
  scopes,
  type AnyRoute,
  type Api,
  type Authenticate,
  type Call,
  type Caller,
  type MakeApi,
  type Route,
  type Scope,
} from './api.ts'
export { Refused, serverCodes, type Fault, type Refusal, type RefusalCode, type ServerCode } from './refusal.ts'
export { defaultLimits, type ServerLimits } from './limits/limits.ts'
export { defaultRegions, type Region, type Regions } from './regions.ts'
export type { Parts } from './parts.ts'
export type { Logger } from './observe/logger.ts'
export { native, nativeWithKeys } from './apis/native/native.ts'
export { pipecat } from './apis/pipecat/pipecat.ts'
export { runagents } from './apis/runagents/runagents.ts'
export { scale } from './apis/scale/scale.ts'
export { checkTenant, createKeys, systemTenant, type KeyDocuments, type KeyRecord, type Keys, type NewKey } from './auth/keys.ts'
export { jsonLines } from './observe/logger.ts'
export { ownMap } from './input/own-map.ts'
