export { assert } from './assert.ts';
export { Failure, RemoteFailure, isFailure } from './failure.ts';
export type { FailureDetails, FailureFacts, FailureKind } from './failure.ts';
export { declaredFailures, failures } from './failures.ts';
export type { DeclaredFailure, FailureCodes, FailureMaker, FailureRow } from './failures.ts';
export { avalanche, fnv1a } from './fnv1a.ts';
export { Grouped } from './grouped.ts';
export type { GroupedOptions } from './grouped.ts';
export {
  checkChoice, checkDuration, checkFunction, checkInterval, checkNumber, checkOptions, checkText,
} from './options.ts';
export type { NumberRange } from './options.ts';
export { Pace } from './pace.ts';
export { Passes } from './passes.ts';
export type { PassesOptions } from './passes.ts';
export { PersistentMap } from './persistent-map.ts';
export { quantile } from './quantile.ts';
export { ROUNDINGS } from './rounding.ts';
export type { Rounding } from './rounding.ts';
export { systemRuntime } from './runtime.ts';
export type { Clock, Random, Runtime, Timer, TimerOptions, Timers } from './runtime.ts';
export { settleInHalves } from './settle-in-halves.ts';
export { SHUTDOWN_PHASES, ShutdownPlan } from './shutdown-plan.ts';
export type { ShutdownFault, ShutdownPart, ShutdownPhase, Stoppable } from './shutdown-plan.ts';
export { sleep } from './sleep.ts';
export { uuidv7 } from './uuid.ts';
export { startWorker } from './worker.ts';
export type { WorkerPlan } from './worker.ts';
