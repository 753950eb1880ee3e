export { codes, type ErrorCode, type FailureClass } from './failure/codes.ts'
export { BuildError, classOf, isBuildError, toFailure, type Failure, type Json } from './failure/error.ts'
