export { InForce } from './in-force.ts';
export type { Shadow, StrategyOf } from './in-force.ts';
export { simulate } from './simulate.ts';
export type { DifferenceBin, SampleBasket, Simulation } from './simulate.ts';
export { StrategyDesk } from './strategy-desk.ts';
export type { Change, StrategyDeskOptions } from './strategy-desk.ts';
export { stateOf, versionsInForce } from './strategy-record.ts';
export type {
  AuditEntry, Rollout, ScriptRecord, StrategyRecord, VersionRecord, VersionState,
} from './strategy-record.ts';
export { MemoryStrategyStore } from './strategy-store.ts';
export type { StoredStrategies, StrategyStore, WantedVersions } from './strategy-store.ts';
export { StrategyChanged, StrategyMissing } from './failures.ts';
export type { Validation } from './validate.ts';
