import { systemRuntime } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';

import { describeTransport } from '../testing/transport-contract.ts';
import { createMemoryTransport } from './memory-transport.ts';

describe('MemoryTransport', () => {
  describeTransport((bounds) => createMemoryTransport({ runtime: systemRuntime, ...bounds }));

  it('leaves no timer behind', async () => {
    const runtime = new VirtualRuntime();
    const transport = createMemoryTransport({ runtime });
    await transport.push('nobody', new Uint8Array(1));
    const consumer = transport.consume('somebody', () => {});
    await transport.push('somebody', new Uint8Array(1));
    await runtime.settle();

    await consumer.stop();
    await transport.close();

    expect(runtime.pendingTimers).toBe(0);
  });
});
