export { ensureInfra } from './infra/ensure.ts';
export type { EnsureOptions, Infra } from './infra/ensure.ts';
export type { ServiceName } from './infra/state.ts';
export { readFlags } from './read-flags.ts';
