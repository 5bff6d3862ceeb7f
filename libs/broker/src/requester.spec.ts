import { VirtualRuntime } from '@aisle/std/testing';

import { FrameReceiver } from './frame-receiver.ts';
import { FrameSender } from './frame-sender.ts';
import { reply } from './reply.ts';
import type { ReplyOutcome } from './reply.ts';
import type { Envelope } from './envelope.ts';
import { Requester } from './requester.ts';
import type { RequesterOptions } from './requester.ts';
import { requestHeader } from './testing/envelopes.ts';
import { createMemoryTransport } from './transports/memory-transport.ts';
import type { Transport } from './transports/transport.ts';

describe('Requester', () => {
  let runtime: VirtualRuntime;
  let transport: Transport;
  let sender: FrameSender;
  beforeEach(() => {
    runtime = new VirtualRuntime();
    transport = createMemoryTransport({ runtime });
    sender = new FrameSender({ transport, runtime });
  });

  it('rejects each request at its own deadline, in whatever order they were made', async () => {
    const requester = asking();
    const rejected: string[] = [];
    for (const leftMs of [300, 100, 200]) {
      ask(requester, leftMs).catch(() => rejected.push(`${leftMs}`));
    }

    await runtime.advance(100);
    expect(rejected).toEqual(['100']);
    await runtime.advance(100);
    expect(rejected).toEqual(['100', '200']);
    await runtime.advance(100);
    expect(rejected).toEqual(['100', '200', '300']);
  });

  it('rejects a request whose deadline has passed already, without sending it', async () => {
    const { seen } = answering(() => ({ value: 1 }));
    const requester = asking();

    await expect(ask(requester, 0)).rejects.toMatchObject({ code: 'broker.deadline' });

    await runtime.settle();
    expect(seen).toEqual([]);
  });

  it('has one timer, however many requests wait', () => {
    transport.consume('queue', () => {});
    const requester = asking();

    for (let left = 1; left <= 500; left += 1) ask(requester, 1_000 + left).catch(() => {});

    expect(runtime.pendingTimers).toBe(1);
  });

  it('refuses a request beyond its bound, and takes one again after an answer', async () => {
    answering(() => ({ value: 'answered' }));
    const requester = asking({ pendingMax: 1 });
    const first = ask(requester);

    await expect(ask(requester)).rejects.toMatchObject({ code: 'broker.congested' });

    await runtime.settle();
    await expect(first).resolves.toBe('answered');
    const next = ask(requester);
    await runtime.settle();
    await expect(next).resolves.toBe('answered');
  });

  it('counts a second answer to the same request, and ignores it', async () => {
    const requester = asking();
    new FrameReceiver({
      transport,
      runtime,
      queue: 'queue',
      onEnvelope: (request) => {
        reply(sender, request, { value: 'first' });
        reply(sender, request, { value: 'second' });
      },
    }).start();

    const answer = ask(requester);
    await runtime.settle();

    await expect(answer).resolves.toBe('first');
    expect(requester.unclaimed).toBe(1);
  });

  it('distinguishes a crash of the receiver from every failure', async () => {
    answering(() => ({ crash: true }));

    const answer = ask(asking());
    answer.catch(() => {});
    await runtime.settle();

    await expect(answer).rejects.toMatchObject({ name: 'RemoteCrash', code: 'internal' });
    await expect(answer).rejects.not.toHaveProperty('kind');
  });

  it('rejects a body that cannot be encoded, and sends nothing', async () => {
    const requester = asking();
    const unreadable = {
      get sku(): string {
        throw new Error('a getter threw');
      },
    };

    const refused = requester.request('queue', header(), unreadable);

    await expect(refused).rejects.toThrow('a getter threw');

    expect(requester.pendingCount).toBe(0);
  });

  it('rejects waiting and later requests as unavailable when it closes', async () => {
    transport.consume('queue', () => {});
    const requester = asking();
    const waiting = ask(requester);
    waiting.catch(() => {});

    await requester.close();

    await expect(waiting).rejects.toMatchObject({ kind: 'unavailable', code: 'broker.closing' });
    await expect(ask(requester)).rejects.toMatchObject({ code: 'broker.closing' });
    await transport.close();
    expect(runtime.pendingTimers).toBe(0);
  });

  function asking(options: Partial<RequesterOptions> = {}): Requester {
    return new Requester({ transport, sender, runtime, replyQueue: 'replies', ...options });
  }

  function ask(requester: Requester, leftMs = 1_000): Promise<string> {
    return requester.request<string>('queue', header(leftMs), null);
  }

  function header(leftMs = 1_000): ReturnType<typeof requestHeader> {
    return requestHeader({ deadlineMs: runtime.clock.nowMs() + leftMs });
  }

  function answering(outcome: (request: Envelope) => ReplyOutcome): { seen: string[] } {
    const seen: string[] = [];
    new FrameReceiver({
      transport,
      runtime,
      queue: 'queue',
      onEnvelope: (request) => {
        seen.push(request.id);
        reply(sender, request, outcome(request));
      },
    }).start();
    return { seen };
  }
});
