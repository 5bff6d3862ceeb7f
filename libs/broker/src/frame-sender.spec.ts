import { VirtualRuntime } from '@aisle/std/testing';

import { BrokerFailure } from './failures.ts';
import { FrameSender } from './frame-sender.ts';
import { envelope } from './testing/envelopes.ts';
import { createMemoryTransport } from './transports/memory-transport.ts';
import type { Transport } from './transports/transport.ts';

describe('FrameSender', () => {
  let runtime: VirtualRuntime;
  beforeEach(() => {
    runtime = new VirtualRuntime();
  });

  it('refuses more frames than may be in flight, until pushes return', async () => {
    const { transport, returnPushes } = stalledTransport();
    const sender = new FrameSender({ transport, runtime, framesInFlightMax: 2 });
    void sender.send('a', envelope());
    void sender.send('b', envelope());
    await runtime.settle();

    const refused = sender.send('c', envelope());

    await expect(refused).rejects.toMatchObject({ kind: 'throttled', code: 'broker.congested' });
    returnPushes();
    await runtime.settle();
    const sent = sender.send('c', envelope());
    await runtime.settle();
    returnPushes();
    await expect(sent).resolves.toBeUndefined();
  });

  it('reports refused messages, although nobody awaits them', async () => {
    const transport = createMemoryTransport({ runtime, queueFramesMax: 0 });
    const refusals: unknown[] = [];
    const sender = new FrameSender({
      transport,
      runtime,
      onRefused: (...refusal) => refusals.push(refusal),
    });

    void sender.send('full', envelope());
    void sender.send('full', envelope());
    await runtime.settle();

    expect(refusals).toEqual([['full', 2, expect.objectContaining({ code: BrokerFailure.queueFull.code })]]);
  });

  it('encodes a message when it is sent, so later changes have no effect', async () => {
    const { transport, pushed } = stalledTransport();
    const sender = new FrameSender({ transport, runtime });
    const message = envelope({ actor: 'before' });

    void sender.send('queue', message);
    message.actor = 'later!';
    await runtime.settle();

    expect(pushed[0]?.toString()).toContain('before');
  });

  it('is flushed when every push has returned, the refused ones too', async () => {
    const transport = createMemoryTransport({ runtime, queueFramesMax: 1 });
    const sender = new FrameSender({ transport, runtime });
    const first = sender.send('queue', envelope());
    await runtime.settle();
    const second = sender.send('queue', envelope());

    await sender.flushed();

    await expect(first).resolves.toBeUndefined();
    await expect(second).rejects.toMatchObject({ code: 'broker.queue_full' });
  });
});

/** Takes every frame, and returns from a push only when the test says so. */
function stalledTransport(): { transport: Transport; pushed: Buffer[]; returnPushes: () => void } {
  const pushed: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const transport: Transport = {
    push: (_queue, frame) => {
      pushed.push(frame as Buffer);
      return new Promise((resolve) => void waiting.push(resolve));
    },
    consume: () => ({ stop: async () => {} }),
    close: async () => {},
  };
  return { transport, pushed, returnPushes: () => waiting.splice(0).forEach((each) => each()) };
}
