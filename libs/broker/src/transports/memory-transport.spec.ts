import { systemRuntime } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';

import { describeTransport } from '../testing/transport-contract.ts';
import { createMemoryTransport } from './memory-transport.ts';

describe('MemoryTransport', () => {
  describeTransport((bounds) => createMemoryTransport({ runtime: systemRuntime, ...bounds }));

  it('keeps a queue when an earlier consumer of the same name is stopped a second time', async () => {
    const runtime = new VirtualRuntime();
    const transport = createMemoryTransport({ runtime, queueExpiryMs: 100 });
    const earlier = transport.consume('queue', () => {});
    await earlier.stop();
    await runtime.advance(100);
    const taken: Uint8Array[] = [];
    transport.consume('queue', (frame) => void taken.push(frame));

    await earlier.stop();
    await runtime.advance(100);
    await transport.push('queue', new Uint8Array(1));
    await runtime.settle();

    expect(taken).toHaveLength(1);
  });

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
