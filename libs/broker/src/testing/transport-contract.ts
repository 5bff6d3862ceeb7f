import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import type { FailureFacts } from '@aisle/std';
import { eventually } from '@aisle/std/testing';

import type { Envelope } from '../envelope.ts';
import { decodeFrame } from '../frame.ts';
import { FrameReceiver } from '../frame-receiver.ts';
import { FrameSender } from '../frame-sender.ts';
import { reply } from '../reply.ts';
import { Requester } from '../requester.ts';
import type { Consumer, Transport } from '../transports/transport.ts';
import { envelope, requestHeader } from './envelopes.ts';

interface Bounds {
  queueFramesMax?: number;
  queueExpiryMs?: number;
}

/** The contract of every transport, and of the classes that build on it. */
export function describeTransport(open: (bounds: Bounds) => Transport): void {
  let transport: Transport;
  let queue: string;

  beforeEach(() => {
    transport = open({});
    queue = `queue-${uuidv7(runtime)}`;
  });
  afterEach(() => transport.close());

  describe('a queue', () => {
    it('hands each frame to exactly one of its competing consumers', async () => {
      const taken: number[][] = [[], [], []];
      for (const frames of taken) {
        transport.consume(queue, async (frame) => void frames.push(numberOf(frame)), {
          inFlightMax: 1,
        });
      }

      let pushed = 0;
      await eventually(async () => {
        await pushNumbers(transport, queue, 20, pushed);
        pushed += 20;
        expect(Math.min(...taken.map((frames) => frames.length))).toBeGreaterThan(0);
      });

      await eventually(() => expect(taken.flat()).toHaveLength(pushed));
      expect(taken.flat().sort((a, b) => a - b)).toEqual(numbers(pushed));
    });

    it('keeps the order of pushes for a single consumer', async () => {
      const taken: number[] = [];
      transport.consume(queue, (frame) => void taken.push(numberOf(frame)));

      await pushNumbers(transport, queue, 200);

      await eventually(() => expect(taken).toEqual(numbers(200)));
    });

    it('holds frames that arrive before its consumer', async () => {
      await pushNumbers(transport, queue, 3);
      const taken: number[] = [];

      transport.consume(queue, (frame) => void taken.push(numberOf(frame)));

      await eventually(() => expect(taken).toEqual([0, 1, 2]));
    });

    it('refuses a push when it is full, and nobody gets that frame', async () => {
      const small = open({ queueFramesMax: 3 });
      await pushNumbers(small, queue, 3);

      const refused = small.push(queue, frameOf(3));

      await expect(refused).rejects.toMatchObject({ kind: 'throttled', code: 'broker.queue_full' });
      const taken: number[] = [];
      small.consume(queue, (frame) => void taken.push(numberOf(frame)));
      await eventually(() => expect(taken).toHaveLength(3));
      await small.push(queue, frameOf(4));
      await eventually(() => expect(taken).toEqual([0, 1, 2, 4]));
      await small.close();
    });

    it('is dropped some time after the last push to it when nobody consumes it', async () => {
      const brief = open({ queueExpiryMs: 1_000, queueFramesMax: 2 });
      await pushNumbers(brief, queue, 2);

      const isFull = brief.push(queue, frameOf(2));

      await expect(isFull).rejects.toMatchObject({ code: 'broker.queue_full' });
      await eventually(() => brief.push(queue, frameOf(3)));
      await brief.close();
    });

    it('is separate: other queues see none of its frames', async () => {
      const taken: number[] = [];
      transport.consume(`${queue}-other`, (frame) => void taken.push(numberOf(frame)));

      await transport.push(queue, frameOf(1));
      await transport.push(`${queue}-other`, frameOf(2));

      await eventually(() => expect(taken).toEqual([2]));
    });
  });

  describe('a consumer', () => {
    it('takes no more frames than may be in flight', async () => {
      const handling: (() => void)[] = [];
      const taken: number[] = [];
      const slow = (frame: Uint8Array): Promise<void> => {
        taken.push(numberOf(frame));
        return new Promise((resolve) => void handling.push(resolve));
      };
      transport.consume(queue, slow, { inFlightMax: 2 });
      await pushNumbers(transport, queue, 5);
      await eventually(() => expect(taken).toEqual([0, 1]));

      handling.shift()?.();
      await eventually(() => expect(taken).toEqual([0, 1, 2]));
      for (const done of handling.splice(0)) done();

      await eventually(() => expect(taken).toEqual([0, 1, 2, 3, 4]));
      for (const done of handling.splice(0)) done();
    });

    it('has stopped only when its frames in flight are handled', async () => {
      let finish = (): void => {};
      const handled = new Promise<void>((resolve) => (finish = resolve));
      const before: number[] = [];
      const consumer = transport.consume(queue, async (frame) => {
        before.push(numberOf(frame));
        await handled;
      });
      await transport.push(queue, frameOf(0));
      await eventually(() => expect(before).toEqual([0]));
      let hasStopped = false;

      const stopped = consumer.stop().then(() => (hasStopped = true));
      await transport.push(queue, frameOf(1));
      expect(hasStopped).toBe(false);
      finish();
      await stopped;
      await transport.push(queue, frameOf(2));

      const after: number[] = [];
      transport.consume(queue, (frame) => void after.push(numberOf(frame)));
      await eventually(() => expect([...before, ...after]).toEqual([0, 1, 2]));
      expect(after).toContain(2);
    });

    it('loses nothing by stopping while frames arrive', async () => {
      const taken: number[] = [];
      const take = (frame: Uint8Array): void => void taken.push(numberOf(frame));
      let consumer: Consumer = transport.consume(queue, take);

      for (let round = 0; round < 10; round += 1) {
        const pushed = pushNumbers(transport, queue, 20, round * 20);
        await consumer.stop();
        await pushed;
        consumer = transport.consume(queue, take);
      }

      await eventually(() => expect(taken).toHaveLength(200));
      expect(taken).toEqual(numbers(200));
    });
  });

  describe('a sender', () => {
    it('sends 64 messages of one turn as one frame', async () => {
      const frames = collectFrames(transport, queue);
      const sender = new FrameSender({ transport, runtime });

      for (const number of numbers(64)) void sender.send(queue, envelope({ correlation: number }));

      await eventually(() => expect(frames).toHaveLength(1));
      expect(frames[0]?.map((each) => each.correlation)).toEqual(numbers(64));
    });

    it('begins a new frame beyond 64 messages, and beyond 32 KiB', async () => {
      const frames = collectFrames(transport, queue);
      const sender = new FrameSender({ transport, runtime });

      for (const _ of numbers(65)) void sender.send(queue, envelope());
      await sender.flushed();
      const large = envelope({ body: new Uint8Array(10_000) });
      for (const _ of numbers(5)) void sender.send(queue, large);

      await eventually(() => expect(frames.map((frame) => frame.length)).toEqual([64, 1, 4, 1]));
    });

    it('sends the messages of different turns apart', async () => {
      const frames = collectFrames(transport, queue);
      const sender = new FrameSender({ transport, runtime });

      await sender.send(queue, envelope());
      await sender.send(queue, envelope());

      await eventually(() => expect(frames).toHaveLength(2));
    });
  });

  describe('a requester', () => {
    let sender: FrameSender;
    let requester: Requester;

    beforeEach(() => {
      sender = new FrameSender({ transport, runtime });
      requester = new Requester({ transport, sender, runtime, replyQueue: `${queue}-replies` });
    });
    afterEach(() => requester.close());

    it('resolves with the answer to each of many requests at once', async () => {
      new FrameReceiver({
        transport,
        queue,
        runtime,
        onEnvelope: (request) => reply(sender, request, { value: `for ${request.actor}` }),
      }).start();

      const answers = await Promise.all(
        numbers(300).map((n) => requester.request(queue, requestHeader({ actor: `a${n}` }), { n })),
      );

      expect(answers).toEqual(numbers(300).map((n) => `for a${n}`));
    });

    it('rejects with the facts of the failure that the receiver answered', async () => {
      const failure: FailureFacts = {
        kind: 'rejected',
        code: 'basket.full',
        message: 'no room',
        details: { linesMax: 3 },
      };
      new FrameReceiver({
        transport,
        queue,
        runtime,
        onEnvelope: (request) => reply(sender, request, { failure }),
      }).start();

      const answer = requester.request(queue, requestHeader(), null);

      await expect(answer).rejects.toMatchObject({ ...failure, name: 'RemoteFailure' });
    });

    it('rejects as unknown when the deadline passes, and the request is then dropped', async () => {
      const header = requestHeader({ deadlineMs: runtime.clock.nowMs() + 30 });
      const unanswered = requester.request(queue, header, null);
      await expect(unanswered).rejects.toMatchObject({ kind: 'unknown', code: 'broker.deadline' });
      const seen: string[] = [];

      const receiver = new FrameReceiver({
        transport,
        queue,
        runtime,
        onEnvelope: (request) => void seen.push(request.id),
      });
      receiver.start();

      await eventually(() => expect(receiver.drops.expired).toBe(1));
      expect(seen).toEqual([]);
    });

    it('never takes a late answer for that of the next call, even with the same id', async () => {
      const requests: Envelope[] = [];
      const onEnvelope = (request: Envelope): void => void requests.push(request);
      new FrameReceiver({ transport, queue, runtime, onEnvelope }).start();
      const soon = requestHeader({ id: 'same', deadlineMs: runtime.clock.nowMs() + 1_000 });
      await expect(requester.request(queue, soon, null)).rejects.toMatchObject({ kind: 'unknown' });
      await eventually(() => expect(requests).toHaveLength(1));
      const second = requester.request(queue, requestHeader({ id: 'same' }), null);
      await eventually(() => expect(requests).toHaveLength(2));
      const [late, current] = requests as [Envelope, Envelope];

      reply(sender, { ...late, deadlineMs: current.deadlineMs }, { value: 'late' });
      reply(sender, current, { value: 'current' });

      await expect(second).resolves.toBe('current');
      expect(requester.unclaimed).toBe(1);
    });

    it('rejects at once when the queue is full', async () => {
      const small = open({ queueFramesMax: 1 });
      const smallSender = new FrameSender({ transport: small, runtime });
      const asking = new Requester({
        transport: small,
        sender: smallSender,
        runtime,
        replyQueue: `${queue}-small`,
      });
      await small.push(queue, frameOf(0));

      const refused = asking.request(queue, requestHeader(), null);

      await expect(refused).rejects.toMatchObject({ kind: 'throttled', code: 'broker.queue_full' });
      expect(asking.pendingCount).toBe(0);
      await asking.close();
      await small.close();
    });
  });

  it('refuses pushes once it is closed', async () => {
    await transport.close();

    const refused = transport.push(queue, frameOf(1));

    await expect(refused).rejects.toMatchObject({ kind: 'unavailable', code: 'broker.closing' });
  });
}

function collectFrames(transport: Transport, queue: string): Envelope[][] {
  const frames: Envelope[][] = [];
  transport.consume(queue, (frame) => void frames.push(decodeFrame(frame)));
  return frames;
}

function frameOf(number: number): Uint8Array {
  return Buffer.from(String(number));
}

function numberOf(frame: Uint8Array): number {
  return Number(Buffer.from(frame).toString());
}

async function pushNumbers(to: Transport, queue: string, count: number, from = 0): Promise<void> {
  await Promise.all(numbers(count).map((number) => to.push(queue, frameOf(from + number))));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
