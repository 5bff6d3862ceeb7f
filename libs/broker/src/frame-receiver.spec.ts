import { VirtualRuntime } from '@aisle/std/testing';

import { FrameWriter } from './frame.ts';
import { FrameReceiver } from './frame-receiver.ts';
import type { Envelope } from './envelope.ts';
import { envelope } from './testing/envelopes.ts';
import { createMemoryTransport } from './transports/memory-transport.ts';
import type { Transport } from './transports/transport.ts';

describe('FrameReceiver', () => {
  let runtime: VirtualRuntime;
  let transport: Transport;
  beforeEach(() => {
    runtime = new VirtualRuntime();
    transport = createMemoryTransport({ runtime });
  });

  it('drops and counts a frame that is corrupt, and goes on with the next', async () => {
    const { receiver, handled } = listening();

    await transport.push('queue', Buffer.from('no frame'));
    await transport.push('queue', frameOf(message('whole')));
    await runtime.settle();

    expect(handled).toEqual(['whole']);
    expect(receiver.drops).toEqual({ corrupt: 1, expired: 0 });
  });

  it('drops and counts the messages of a frame whose deadline has passed', async () => {
    const { receiver, handled } = listening();
    const nowMs = runtime.clock.nowMs();

    const expired = message('expired', { deadlineMs: nowMs });
    await transport.push('queue', frameOf(expired, message('live', { deadlineMs: nowMs + 1 })));
    await runtime.settle();

    expect(handled).toEqual(['live']);
    expect(receiver.drops).toEqual({ corrupt: 0, expired: 1 });
  });

  it('hands a forwarder the whole frame, and nothing when all of it has expired', async () => {
    const frames: string[][] = [];
    const onFrame = (envelopes: Envelope[]): void => void frames.push(envelopes.map(({ id }) => id));
    new FrameReceiver({ transport, runtime, queue: 'queue', onFrame }).start();

    await transport.push('queue', frameOf(message('a'), message('b')));
    await transport.push('queue', frameOf(message('c', { deadlineMs: 0 })));
    await runtime.settle();

    expect(frames).toEqual([['a', 'b']]);
  });

  it('leaves frames in the queue while as many messages as allowed are being handled', async () => {
    const { handled, finish } = listening({ messagesInFlightMax: 2, isSlow: true });
    for (let number = 0; number < 40; number += 1) {
      await transport.push('queue', frameOf(message(`${number}`)));
    }

    await runtime.settle();
    const begun = handled.length;
    finish();
    await runtime.settle();

    // The bound on messages, plus the frames that are taken ahead of it.
    expect(begun).toBeLessThanOrEqual(2 + 16);
    expect(handled).toHaveLength(40);
  });

  it('has stopped only when every handler has settled', async () => {
    const { receiver, handled, finish } = listening({ isSlow: true });
    await transport.push('queue', frameOf(message('begun')));
    await runtime.settle();
    let hasStopped = false;

    const stopped = receiver.stop().then(() => (hasStopped = true));
    await transport.push('queue', frameOf(message('too late')));
    await runtime.settle();

    expect(hasStopped).toBe(false);
    finish();
    await stopped;
    expect(handled).toEqual(['begun']);
  });

  interface Listening {
    receiver: FrameReceiver;
    handled: string[];
    finish: () => void;
  }

  function listening({ isSlow = false, messagesInFlightMax = 100 } = {}): Listening {
    const handled: string[] = [];
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const receiver = new FrameReceiver({
      transport,
      runtime,
      queue: 'queue',
      messagesInFlightMax,
      onEnvelope: ({ id }) => {
        handled.push(id);
        return isSlow ? finished : undefined;
      },
    });
    receiver.start();
    return { receiver, handled, finish };
  }

  function message(id: string, overrides: Partial<Envelope> = {}): Envelope {
    return envelope({ id, deadlineMs: runtime.clock.nowMs() + 1_000, ...overrides });
  }
});

function frameOf(...envelopes: Envelope[]): Uint8Array {
  const writer = new FrameWriter();
  for (const each of envelopes) writer.append(each);
  return writer.take();
}
