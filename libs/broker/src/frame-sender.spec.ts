import { VirtualRuntime } from '@aisle/std/testing';

import { QueueFull } from './failures.ts';
import { Outbox } from './outbox.ts';
import { envelope } from './testing/envelopes.ts';
import { createMemoryTransport } from './transports/memory-transport.ts';
import type { Transport } from './transports/transport.ts';

describe('Outbox', () => {
  let runtime: VirtualRuntime;
  beforeEach(() => {
    runtime = new VirtualRuntime();
  });

  it('refuses more frames than may be in flight, until pushes return', async () => {
    const { transport, returnPushes } = stalledTransport();
    const outbox = new Outbox({ transport, runtime, framesInFlightMax: 2 });
    void outbox.send('a', envelope());
    void outbox.send('b', envelope());
    await runtime.settle();

    const refused = outbox.send('c', envelope());

    await expect(refused).rejects.toMatchObject({ kind: 'throttled', code: 'broker.congested' });
    returnPushes();
    await runtime.settle();
    const sent = outbox.send('c', envelope());
    await runtime.settle();
    returnPushes();
    await expect(sent).resolves.toBeUndefined();
  });

  it('says which messages the transport refused, and needs nobody to wait for them', async () => {
    const transport = createMemoryTransport({ runtime, queueFramesMax: 0 });
    const refusals: unknown[] = [];
    const outbox = new Outbox({
      transport,
      runtime,
      onRefused: (...refusal) => refusals.push(refusal),
    });

    void outbox.send('full', envelope());
    void outbox.send('full', envelope());
    await runtime.settle();

    expect(refusals).toEqual([['full', 2, expect.any(QueueFull)]]);
  });

  it('encodes a message when it is sent: changing it afterwards changes nothing', async () => {
    const { transport, pushed } = stalledTransport();
    const outbox = new Outbox({ transport, runtime });
    const message = envelope({ actor: 'before' });

    void outbox.send('queue', message);
    message.actor = 'later!';
    await runtime.settle();

    expect(pushed[0]?.toString()).toContain('before');
  });

  it('is flushed when every push has returned, the refused ones too', async () => {
    const transport = createMemoryTransport({ runtime, queueFramesMax: 1 });
    const outbox = new Outbox({ transport, runtime });
    const first = outbox.send('queue', envelope());
    await runtime.settle();
    const second = outbox.send('queue', envelope());

    await outbox.flushed();

    await expect(first).resolves.toBeUndefined();
    await expect(second).rejects.toMatchObject({ code: 'broker.queue_full' });
  });
});

/** Takes every frame, and returns from no push until it is told to. */
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
