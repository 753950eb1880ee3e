/** For whoever writes or tests a driver: a driver in memory, ways for it to misbehave, and the suite every driver has to pass. */
export { fakeCapabilities, fakeDriver, finished, readContext, twoSteps } from './fake.ts'
export type { FakeBuild, FakeDriver, FakeIo, FakeOptions } from './fake.ts'
export { byAttempt, chattering, deaf, failing, flooding, gated, hanging, interpreted, scripted, throwing } from './behaviours.ts'
export { testJob, type JobParts } from './job.ts'
export { driverSuite, type DriverCase, type DriverSuite, type Runner } from './suite.ts'
