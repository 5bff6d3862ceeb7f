export { hostileCorpus, hostileSource } from './hostile-corpus.ts';
export type { HostileEnd, HostileScript } from './hostile-corpus.ts';
export { strategyStoreContract } from './strategy-store-contract.ts';
