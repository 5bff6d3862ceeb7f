import { Redis } from 'ioredis';
import { startSystem, type TestSystem } from '@aisle/dev/testing';

const CLIENTS = 16;
const ADDS_EACH = 200;

/** The answer to an add that a client sent under this key. */
interface Acknowledged {
  readonly key: string;
  readonly version: number;
  readonly quantity: number;
}

describe('a basket that many clients add to', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem();
  });

  afterAll(() => system.stop());

  it('keeps every acknowledged add, with consecutive versions', async () => {
    const acknowledged = await addAll('undisturbed', async () => undefined);

    await expectAllKept('undisturbed', acknowledged);
    expect(system.errors()).toEqual([]);
  });

  it('keeps them through FLUSHALL', async () => {
    const redis = new Redis(system.redisUrl);

    const acknowledged = await addAll('flushed', async () => {
      await redis.flushall();
    });
    redis.disconnect();

    await expectAllKept('flushed', acknowledged);
    expect(system.errors()).toEqual([]);
  });

  it('keeps them through kill -9 of the server that holds it', async () => {
    const acknowledged = await addAll('killed', async () => {
      for (const server of system.apps.filter(({ instance }) => instance.startsWith('basket-server'))) {
        server.signal('SIGKILL');
        await server.ended();
        await system.start('basket-server');
      }
    });

    await expectAllKept('killed', acknowledged);
  });

  /** Each client sends its adds one after another, and repeats each under one key until it is answered. */
  async function addAll(basket: string, disturb: () => Promise<void>): Promise<Acknowledged[]> {
    const acknowledged: Acknowledged[] = [];
    let disturbed: Promise<void> | undefined;
    const client = async (name: number): Promise<void> => {
      for (let add = 0; add < ADDS_EACH; add += 1) {
        acknowledged.push(await addUntilAnswered(basket, `${name}-${add}`));
        if (acknowledged.length > (CLIENTS * ADDS_EACH) / 4) disturbed ??= disturb();
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, name) => client(name)));
    await disturbed;
    return acknowledged;
  }

  async function addUntilAnswered(basket: string, key: string): Promise<Acknowledged> {
    for (;;) {
      const response = await fetch(`${system.gatewayUrl}/v1/markets/m1/baskets/${basket}/lines`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: '{"sku":"GR1"}',
      });
      const answer = (await response.json()) as Answer;
      if (response.ok) return { key, version: answer.version, quantity: answer.lines[0]?.quantity ?? 0 };
      if (![503, 504].includes(response.status)) throw new Error(JSON.stringify(answer));
    }
  }

  async function expectAllKept(basket: string, acknowledged: readonly Acknowledged[]): Promise<void> {
    const total = CLIENTS * ADDS_EACH;
    const url = `${system.gatewayUrl}/v1/markets/m1/baskets/${basket}`;
    const now = (await (await fetch(url)).json()) as Answer;
    const entries: Entry[] = [];
    for (let cursor: string | null = '0'; cursor !== null; ) {
      const page = (await (await fetch(`${url}/journal?limit=200&cursor=${cursor}`)).json()) as Page;
      entries.push(...page.items);
      cursor = page.next;
    }

    expect(acknowledged).toHaveLength(total);
    expect(now).toMatchObject({ version: total, lines: [{ sku: 'GR1', quantity: total }] });
    expect(entries.map(({ version }) => version)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    const recorded = new Map(entries.map((entry) => [entry.commandId, entry]));
    expect(recorded.size).toBe(total);
    for (const { key, version, quantity } of acknowledged) {
      expect({ version, quantity }).toEqual({
        version: recorded.get(key)?.version,
        quantity: recorded.get(key)?.lines[0]?.quantity,
      });
    }
  }
});

interface Answer {
  version: number;
  lines: { sku: string; quantity: number }[];
}

interface Entry {
  version: number;
  commandId: string;
  lines: { quantity: number }[];
}

interface Page {
  items: Entry[];
  next: string | null;
}
