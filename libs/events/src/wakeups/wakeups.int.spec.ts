import { ensureInfra } from '@aisle/dev';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Redis } from 'ioredis';
import { BullmqWakeups, TimerWakeups } from '../index.ts';
import type { Due, Wakeups, WakeupsOptions } from '../index.ts';

interface Kind {
  /** Makes it forget everything, like a flushed Redis. */
  readonly forget: () => Promise<void>;
  readonly open: (options: WakeupsOptions) => Wakeups;
}

const kinds: [string, () => Promise<Kind>][] = [
  ['BullmqWakeups', bullmq],
  ['TimerWakeups', async () => ({ open: (options) => new TimerWakeups(options), forget: async () => {} })],
];

describe.each(kinds)('%s', (_, prepare) => {
  let kind: Kind;
  let wakeups: Wakeups;
  /** The owner's rows. */
  let rows: Map<string, Due>;
  let woken: string[];

  beforeAll(async () => {
    kind = await prepare();
  });

  beforeEach(() => {
    rows = new Map();
    woken = [];
  });

  afterEach(() => wakeups.close());

  it('wakes for due rows only', async () => {
    wakeups = kind.open(owner({ sweepMs: 60_000 }));
    const [soon, later] = [row('order 1:a', 20), row('order 2', 600_000)];

    await wakeups.schedule([soon, later]);

    await eventually(() => expect(woken).toEqual(['order 1:a']));
  });

  it('wakes once for all rows that become due together, whoever scheduled them', async () => {
    const batches: number[] = [];
    wakeups = kind.open({
      ...owner({ sweepMs: 60_000 }),
      onDue: async (ids) => {
        batches.push(ids.length);
        done(ids);
      },
    });
    const due = Array.from({ length: 3_000 }, (_, index) => row(`order ${index}`, 50));

    await Promise.all([wakeups.schedule(due.slice(0, 1_500)), wakeups.schedule(due.slice(1_500))]);

    await eventually(() => expect(rows.size).toBe(0));
    expect(batches).toEqual([1_000, 1_000, 1_000]);
  });

  it('finds unscheduled rows by its sweep', async () => {
    row('lost', 0);

    wakeups = kind.open(owner({ sweepMs: 20 }));

    await eventually(() => expect(woken).toEqual(['lost']));
  });

  it('repeats failed rows', async () => {
    let failures = 0;
    wakeups = kind.open({
      ...owner({ sweepMs: 20 }),
      onDue: async (ids) => {
        if ((failures += 1) < 3) throw new Error('not yet');
        done(ids);
      },
    });

    await wakeups.schedule([row('stubborn', 0)]);

    await eventually(() => expect(woken).toEqual(['stubborn']));
    expect(failures).toBe(3);
  });

  it('handles all other rows when one can never be handled', async () => {
    const failures: unknown[] = [];
    const due = Array.from({ length: 100 }, (_, index) => row(index === 41 ? 'sick' : `order ${index}`, 0));
    wakeups = kind.open({
      ...owner({ sweepMs: 20 }),
      onDue: async (ids) => {
        if (ids.includes('sick')) throw new TypeError('cannot be');
        done(ids);
      },
      onFailed: (error) => void failures.push(error),
    });

    await eventually(() => expect([...rows.keys()]).toEqual(['sick']));

    expect(new Set(woken).size).toBe(due.length - 1);
    expect(failures).toContainEqual(new TypeError('cannot be'));
  });

  it('wakes for all of 1,000 rows after losing its whole state', async () => {
    wakeups = kind.open(owner({ sweepMs: 50 }));
    const due = Array.from({ length: 1_000 }, (_, index) => row(`reservation ${index}`, index));
    await wakeups.schedule(due);

    await kind.forget();

    await eventually(() => expect(rows.size).toBe(0));
    expect(new Set(woken).size).toBe(1_000);
  });

  function row(id: string, inMs: number): Due {
    const due = { id, dueAtMs: runtime.clock.nowMs() + inMs };
    rows.set(id, due);
    return due;
  }

  /** The owner's idempotent handler: a missing row has been handled. */
  function done(ids: readonly string[]): void {
    woken.push(...ids.filter((id) => rows.delete(id)));
  }

  function owner({ sweepMs }: { sweepMs: number }): WakeupsOptions {
    return {
      runtime,
      sweepMs,
      onDue: async (ids) => done(ids),
      findDue: async (byMs, limit) => [...rows.values()].filter(({ dueAtMs }) => dueAtMs <= byMs).slice(0, limit),
    };
  }
});

async function bullmq(): Promise<Kind> {
  const { redisUrl } = await ensureInfra({ needs: ['redis'] });
  const keyPrefix = `test-${uuidv7(runtime)}:`;
  return {
    open: (options) => new BullmqWakeups({ ...options, redisUrl, keyPrefix, name: uuidv7(runtime) }),
    async forget() {
      const redis = new Redis(redisUrl);
      // Other suites use this Redis, so flush only our own keys.
      await redis.del(...(await redis.keys(`${keyPrefix}*`)));
      redis.disconnect();
    },
  };
}
