export { StrategyChanged, StrategyMissing } from './failures.ts';
export { InForce } from './in-force.ts';
export type { ScriptStrategyOf, Shadow, UnreadableStrategy } from './in-force.ts';
export { simulate } from './simulate.ts';
export type { DifferenceBin, RulesByKey, SampleBasket, Simulation } from './simulate.ts';
export { StrategyDesk } from './strategy-desk.ts';
export type { StrategyDeskOptions } from './strategy-desk.ts';
export { stateOf } from './strategy-record.ts';
export type {
  AuditEntry, BuiltInRecord, Rollout, ScriptRecord, StoredVersion, StrategyRecord, Unreadable, VersionRecord, VersionState,
} from './strategy-record.ts';
export { StrategyRollout } from './strategy-rollout.ts';
export type { BuiltInSetup, Change, Loaded, StrategyRolloutOptions } from './strategy-rollout.ts';
export { MemoryStrategyStore } from './strategy-store.ts';
export type { ListedStrategies, StoredStrategies, StrategyStore, WantedVersions } from './strategy-store.ts';
export { allVersionFacts, versionFacts } from './version-facts.ts';
export type { VersionFacts } from './version-facts.ts';
export type { Validation } from './validate.ts';
