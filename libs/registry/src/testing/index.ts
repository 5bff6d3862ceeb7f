export { MemoryNames } from './memory-names.ts';
export { describeNameStorage } from './name-storage-contract.ts';
