import { ensureInfra } from '@aisle/dev';
import { TcpProxy } from '@aisle/dev/testing';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import type { FailureFacts } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Redis } from 'ioredis';

import { FrameReceiver } from '../frame-receiver.ts';
import { FrameSender } from '../frame-sender.ts';
import { reply } from '../reply.ts';
import { Requester } from '../requester.ts';
import { requestHeader } from '../testing/envelopes.ts';
import { describeTransport } from '../testing/transport-contract.ts';
import type { TransportEvent } from './redis-connection.ts';
import { createRedisTransport } from './redis-transport.ts';
import type { Transport } from './transport.ts';

const DATABASE = 11;
const RETRYABLE = /^(unknown|unavailable)$/;
const keyPrefix = `test-broker-${uuidv7(runtime)}:`;
let redisUrl: URL;
let redis: Redis;

beforeAll(async () => {
  const infra = await ensureInfra({ needs: ['redis'] });
  redisUrl = new URL(infra.redisUrl);
  redisUrl.pathname = `/${DATABASE}`;
  redis = new Redis(redisUrl.href);
});
afterAll(async () => {
  await redis.quit();
});

describe('RedisTransport', () => {
  describeTransport((bounds) =>
    createRedisTransport({ url: redisUrl.href, runtime, keyPrefix, ...bounds }),
  );

  it('puts the queue into the hash tag of its key, so that a Redis Cluster can hold it', async () => {
    const transport = createRedisTransport({ url: redisUrl.href, runtime, keyPrefix });

    await transport.push('tagged', new Uint8Array(1));

    await expect(redis.exists(`${keyPrefix}{tagged}`)).resolves.toBe(1);
    await transport.close();
  });

  it('leaves no key without an expiry when it closes', async () => {
    const transport = createRedisTransport({ url: redisUrl.href, runtime, keyPrefix });
    const pushed = transport.push('left-behind', new Uint8Array(1));

    await transport.close();

    await pushed;
    await expect(redis.pttl(`${keyPrefix}{left-behind}`)).resolves.toBeGreaterThan(0);
  });

  describe('when Redis fails', () => {
    let proxy: TcpProxy;
    let transport: Transport;
    let events: TransportEvent[];
    let requester: Requester;
    let receiver: FrameReceiver;
    let handled: Set<string>;
    let answered: Set<string>;
    let ask: () => Promise<void>;

    beforeEach(async () => {
      proxy = new TcpProxy(redisUrl);
      await proxy.open();
      events = [];
      handled = new Set();
      answered = new Set();
      transport = createRedisTransport({
        url: proxy.url,
        runtime,
        keyPrefix,
        pushTimeoutMs: 300,
        onEvent: (event) => events.push(event),
      });
      const queue = `faults-${uuidv7(runtime)}`;
      const sender = new FrameSender({ transport, runtime });
      requester = new Requester({ transport, sender, runtime, replyQueue: `${queue}-replies` });
      receiver = new FrameReceiver({
        transport,
        queue,
        runtime,
        onEnvelope: (request) => {
          handled.add(request.id);
          reply(sender, request, { value: request.id });
        },
      });
      receiver.start();
      ask = async () => {
        const header = requestHeader({ deadlineMs: runtime.clock.nowMs() + 500 });
        answered.add(await requester.request<string>(queue, header, null));
      };
      await eventually(() => ask());
    });
    afterEach(async () => {
      proxy.heal();
      await requester.close();
      await receiver.stop();
      await transport.close();
      await proxy.close();
    });
    it('answers again after all keys are flushed in the middle of requests', async () => {
      const outcomes = Promise.allSettled(Array.from({ length: 200 }, () => ask()));

      await redis.flushdb();

      expectRetryable(await outcomes);
      await eventually(() => ask());
      expect(events).toEqual([]);
    });

    it('answers again after its connections are reset, and says so without an error', async () => {
      const outcomes = Promise.allSettled(Array.from({ length: 200 }, () => ask()));

      proxy.cut();

      expectRetryable(await outcomes);
      await eventually(() => ask());
      await eventually(() => expect(kinds()).toEqual(['disconnected', 'reconnected']));
    });

    it('answers again after Redis was away', async () => {
      await proxy.close();
      await expect(ask()).rejects.toMatchObject({ kind: expect.stringMatching(RETRYABLE) });

      await proxy.open();

      await eventually(() => ask());
      await eventually(() => expect(kinds()).toEqual(['disconnected', 'reconnected']));
    });

    it('cuts a connection that fell silent, and answers again', async () => {
      proxy.silence();
      await expect(ask()).rejects.toMatchObject({ kind: expect.stringMatching(RETRYABLE) });

      await eventually(() => ask());

      expect(kinds()).toContain('silent');
    });

    it('answers again after Redis was paused', async () => {
      proxy.pause();
      await expect(ask()).rejects.toMatchObject({ kind: expect.stringMatching(RETRYABLE) });
      await eventually(() => expect(kinds()).toContain('silent'));

      proxy.heal();

      await eventually(() => ask());
    });

    it('closes at once while Redis is away', async () => {
      await proxy.close();
      await eventually(() => expect(kinds()).toContain('disconnected'));

      await requester.close();
      await receiver.stop();
      await transport.close();

      await proxy.open();
    });

    function kinds(): string[] {
      return [...new Set(events.map(({ kind }) => kind))];
    }

    function expectRetryable(outcomes: PromiseSettledResult<void>[]): void {
      const failures = outcomes.filter((each) => each.status === 'rejected');
      for (const { reason } of failures) expect((reason as FailureFacts).kind).toMatch(RETRYABLE);
      // Every answered request was handled, and no answer is invented.
      expect([...answered].filter((id) => !handled.has(id))).toEqual([]);
    }
  });
});
