import { VirtualRuntime } from '@aisle/std/testing';
import { MemoryJournal } from './memory-journal.ts';
import { UNSTORABLE, describeStorage } from './storage-contract.ts';

describe('MemoryJournal', () => {
  describeStorage(() => {
    const runtime = new VirtualRuntime();
    const memory = new MemoryJournal(runtime, { isUnstorable: ({ events }) => UNSTORABLE.equals(events) });
    return {
      storage: (incarnation) => memory.storage(incarnation),
      age: (ms) => runtime.advance(ms),
    };
  });
});
