import { strategyStoreContract } from '../testing/strategy-store-contract.ts';
import { MemoryStrategyStore } from './strategy-store.ts';

describe('MemoryStrategyStore', () => {
  strategyStoreContract(async () => new MemoryStrategyStore());
});
