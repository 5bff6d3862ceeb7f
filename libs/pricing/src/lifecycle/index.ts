export { StrategyFailure } from './failures.ts';
export { ActiveRules } from './active-rules.ts';
export type { ScriptStrategyOf, Shadow, UnreadableStrategy } from './active-rules.ts';
export { simulate } from './simulate.ts';
export type { DifferenceBin, RulesByKey, SampleBasket, Simulation } from './simulate.ts';
export { SandboxedRollout } from './sandboxed-rollout.ts';
export type { SandboxedRolloutOptions } from './sandboxed-rollout.ts';
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
