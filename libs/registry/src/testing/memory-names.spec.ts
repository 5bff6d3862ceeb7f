import { MemoryNames } from './memory-names.ts';
import { describeNameStorage } from './name-storage-contract.ts';

describeNameStorage('MemoryNames', async () => new MemoryNames());
