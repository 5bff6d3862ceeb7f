import { systemRuntime as runtime } from '@aisle/std';
import { describeBackbone } from '../testing/backbone-contract.ts';
import { MemoryBackbone } from './memory-backbone.ts';

describe('MemoryBackbone', () => {
  describeBackbone(async () => {
    const backbone = new MemoryBackbone({ runtime });
    return { backbone, lose: async () => backbone.flush() };
  });
});
