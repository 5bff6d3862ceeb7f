import { BasketProtocol, StockProtocol, type DocumentReply } from '@aisle/contracts';
import { RemoteFailure, type FailureKind } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { createMetrics } from '@aisle/platform';
import { CommandClient, LISTS_AT_ONCE, type CommandBroker } from './command-client.ts';

const DONE = { json: '{}', version: 1 };
const CALLER = { tenant: 'default', by: 'key/k1', commandId: 'c1', traceparent: '' };
const CHANGE = { operations: [{ op: 'clear' as const }] };

describe('CommandClient', () => {
  it('resolves with the answer to the first attempt', async () => {
    const { client, broker } = setUp();

    const answer = change(client);
    broker.attempts[0]?.resolve(DONE);

    expect(await answer).toEqual(DONE);
    expect(broker.attempts.map(({ queue, header }) => [queue, header.id, header.actor])).toEqual([
      ['basket-manager', 'c1', 'anna'],
    ]);
  });

  it('retries an unavailable command at once, at most twice, under the same id', async () => {
    const { runtime, client, broker } = setUp();
    const refused = expect(change(client)).rejects.toMatchObject({ kind: 'unavailable' });

    for (let attempt = 0; attempt < 3; attempt += 1) {
      broker.attempts[attempt]?.reject(failure('unavailable'));
      await runtime.settle();
    }

    await refused;
    expect(broker.attempts.map(({ header }) => header.id)).toEqual(['c1', 'c1', 'c1']);
  });

  it.each<FailureKind>(['throttled', 'rejected', 'missing', 'unknown'])('does not retry a command after %s', async (kind) => {
    const { client, broker } = setUp();
    const answer = change(client);

    broker.attempts[0]?.reject(failure(kind));

    await expect(answer).rejects.toMatchObject({ kind });
    expect(broker.attempts).toHaveLength(1);
  });

  it('retries after 300 ms of silence, then every 600 ms until the deadline, and takes the first answer', async () => {
    const { runtime, client, broker } = setUp();
    const answer = change(client);

    await runtime.advance(299);
    expect(broker.attempts).toHaveLength(1);
    await runtime.advance(1);
    expect(broker.attempts).toHaveLength(2);
    await runtime.advance(599);
    expect(broker.attempts).toHaveLength(2);
    await runtime.advance(1);
    expect(broker.attempts).toHaveLength(3);
    await runtime.advance(10_000);
    expect(broker.attempts).toHaveLength(9);
    broker.attempts[0]?.resolve({ ...DONE, version: 2 });

    expect(await answer).toEqual({ ...DONE, version: 2 });
    expect(runtime.pendingTimers).toBe(0);
  });

  it('runs a few lists at once, which never delay other commands', async () => {
    const { runtime, client, broker } = setUp();
    const lists = Array.from({ length: LISTS_AT_ONCE + 2 }, () => 
      client.reading(StockProtocol, { market: 'm1' }, CALLER).movements({ limit: 1 }));
    const changed = change(client);
    await runtime.settle();
    expect(broker.attempts.map(({ header }) => header.type)).toEqual([...Array<string>(LISTS_AT_ONCE).fill('stock.movements'), 'basket.change']);

    // Each answer lets the next list start, which is answered as well.
    for (let at = 0; at < broker.attempts.length; at += 1) {
      broker.attempts[at]?.resolve(DONE);
      await runtime.settle();
    }

    expect(await Promise.all([...lists, changed])).toHaveLength(LISTS_AT_ONCE + 3);
    expect(broker.attempts).toHaveLength(LISTS_AT_ONCE + 3);
  });

  it('waits for an open attempt when another one is unavailable', async () => {
    const { runtime, client, broker } = setUp();
    const answer = change(client);
    await runtime.advance(900);

    broker.attempts[1]?.reject(failure('unavailable'));
    broker.attempts[2]?.reject(failure('unavailable'));
    await runtime.settle();
    broker.attempts[0]?.resolve(DONE);

    expect(await answer).toEqual(DONE);
  });

  it('rejects with a refusal only when no other attempt is open', async () => {
    const { runtime, client, broker } = setUp();
    const applied = change(client);
    const refused = expect(change(client)).rejects.toMatchObject({ kind: 'rejected' });
    await runtime.advance(300);

    broker.attempts[2]?.reject(failure('rejected'));
    broker.attempts[3]?.reject(failure('rejected'));
    await runtime.settle();
    broker.attempts[0]?.resolve({ ...DONE, version: 3 });
    broker.attempts[1]?.reject(failure('unknown'));

    expect(await applied).toEqual({ ...DONE, version: 3 });
    await refused;
    await runtime.advance(1_000);
    expect(broker.attempts).toHaveLength(4);
  });

  it('rejects as unknown when one attempt may have been applied and another was not', async () => {
    const { runtime, client, broker } = setUp();
    const answer = expect(change(client)).rejects.toMatchObject({ kind: 'unknown' });
    await runtime.advance(900);

    broker.attempts[0]?.reject(failure('unknown'));
    broker.attempts[1]?.reject(failure('throttled'));
    broker.attempts[2]?.reject(failure('throttled'));

    await answer;
  });

  it('rejects an invalid answer as unknown, and counts it', async () => {
    const { client, broker, metrics } = setUp();
    const answer = expect(change(client)).rejects.toMatchObject({
      kind: 'unknown', code: 'message.reply_invalid', details: { type: 'basket.change', path: 'json' },
    });

    broker.attempts[0]?.resolve({ ...DONE, json: 7 });

    await answer;
    expect(await metrics.getSingleMetricAsString('messages_refused_total')).toMatch(/type="basket.change",why="reply".* 1$/m);
  });

  it('measures the time without any answer', async () => {
    const { runtime, client, broker } = setUp();
    const first = change(client);
    await runtime.advance(200);
    expect(client.unansweredMs).toBe(200);

    void client.reading(BasketProtocol, { market: 'm1', basket: 'anna' }, CALLER).read();
    broker.attempts[0]?.resolve(DONE);
    await first;
    expect(client.unansweredMs).toBe(0);
    await runtime.advance(50);
    expect(client.unansweredMs).toBe(50);
  });

  it('retries at most a hundred times when everything is unavailable at once', async () => {
    const { runtime, client, broker } = setUp();
    broker.rejectAll = failure('unavailable');

    const answers = Array.from({ length: 1_000 }, () => change(client));
    await Promise.allSettled(answers);
    await runtime.settle();

    expect(broker.attempts).toHaveLength(1_000 + 100);
  });

  it('retries at most a hundred silent commands while others are answered', async () => {
    const { runtime, client, broker } = setUp();
    for (let nth = 0; nth < 1_000; nth += 1) void change(client);

    await runtime.advance(200);
    broker.attempts[0]?.resolve(DONE);
    await runtime.advance(200);

    expect(broker.attempts).toHaveLength(1_000 + 100);
  });

  it('retries every command when none was answered, because they may all be lost', async () => {
    const { runtime, client, broker } = setUp();
    for (let nth = 0; nth < 1_000; nth += 1) void change(client);

    await runtime.advance(400);

    expect(broker.attempts).toHaveLength(2_000);
  });
});

interface Attempt {
  readonly queue: string;
  readonly header: { id: string; actor: string; type: string };
  resolve(answer: unknown): void;
  reject(failure: Error): void;
}

/** Holds every attempt until the test answers it. */
class HeldBroker implements CommandBroker {
  readonly attempts: Attempt[] = [];
  rejectAll: Error | undefined;

  request<T>(queue: string, header: Attempt['header']): Promise<T> {
    return new Promise((resolve, reject) => {
      this.attempts.push({ queue, header, resolve: resolve as Attempt['resolve'], reject });
      if (this.rejectAll) reject(this.rejectAll);
    });
  }
}

function change(client: CommandClient): Promise<DocumentReply> {
  return client.to(BasketProtocol, { market: 'm1', basket: 'anna' }, CALLER).change(CHANGE);
}

function setUp() {
  const runtime = new VirtualRuntime();
  const broker = new HeldBroker();
  const metrics = createMetrics('test');
  return { runtime, broker, metrics, client: new CommandClient({ broker, runtime, metrics }) };
}

function failure(kind: FailureKind): Error {
  return new RemoteFailure({ kind, code: `test.${kind}`, message: kind, details: {} });
}
