import { BasketProtocol, StockProtocol } from '@aisle/contracts';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Forgery } from '../system/forger.ts';
import { askUntilDone } from '../workload/ask-until.ts';
import { wait, type Ground, type Nemesis } from './nemesis.ts';

/** A target for a command whose event PostgreSQL refuses. */
interface Target {
  readonly of: string;
  prepare(ground: Ground): Promise<void>;
  forgery(number: number): Forgery;
}

/** Starts watching before the poison, and judges after it. */
type Watch = (ground: Ground) => Promise<() => Promise<void>>;

const watchNothing: Watch = async () => async () => undefined;

/** The answered and refused requests of the load. */
interface Load {
  readonly answered: number;
  readonly refused: number;
}

/** The part of the load that is observed without faults, if it comes in time. */
const CALM = { requests: 60, msMin: 2_000, msMax: 15_000 };
const ATTACK_MS = 3_000;
const FORGERS = 2;
const PAUSE_MS = 40;
/** One or two refusals are no pattern; nor is a share of one in fifty. */
const TOLERATED = { refusals: 2, share: 0.02 };
/** The time for pending work after a nemesis. */
const PATIENCE_MS = 20_000;
const PARTITIONS = 4;

const event = { id: 'forged', type: 'OrderCreated', schemaVersion: 1, tenant: 'default', key: 'forged', at: '', traceparent: '' };
const BODIES = [
  '\0', '{garbage', 'null', '[]', '{}', JSON.stringify({ ...event, key: null }), JSON.stringify({ ...event, key: 'a\0b', data: {} }),
  JSON.stringify({ ...event, id: 7, type: {}, data: [] }), JSON.stringify(event), 'x'.repeat(300_000),
];

/** A constraint in this run's database refuses the event, since no message is refused for it. */
function planted(table: string, check: string): string {
  return `
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'chaos_poison' AND conrelid = '${table}'::regclass) THEN
        ALTER TABLE ${table} ADD CONSTRAINT chaos_poison CHECK (${check}) NOT VALID;
      END IF;
    END $$`;
}
/** The answers to messages that are refused on entry. */
const REFUSED = new Set(['message.header_invalid', 'message.body_invalid']);

const baskets: Target = {
  of: 'baskets',
  prepare: (ground) => plant(ground, planted('basket.journal', "actor NOT LIKE '%/poison%'")),
  forgery: (number) => ({
    type: BasketProtocol.change.type, market: 'm1', actor: number % 5 === 0 ? `poison \0 ${number}` : `poison-${number % 3}`,
    body: { operations: [{ op: 'add', sku: 'GR1', quantity: 1 }] },
  }),
};

const markets: Target = {
  of: 'markets',
  async prepare(ground) {
    const { system } = ground;
    await plant(ground, planted('market.movement', "reason IS DISTINCT FROM 'poison'"));
    const body = { sku: 'poison', name: 'Poison', price: { amount: 1, currency: 'GBP' } };
    await askUntilDone(() => system.gatewayUrl, { method: 'POST', path: '/v1/markets/poison/products', body });
  },
  forgery: (number) => ({
    type: StockProtocol.adjust.type, market: 'poison', actor: 'poison',
    body: { sku: 'poison', adjustment: [{ delta: 1, reason: 'poison' }, { delta: 1, reason: '\0' }, { delta: 1, reason: 'x', expiresOn: '0000-01-01' }][number % 3] as object },
  }),
};

export const poisonedBaskets = poisonRows(baskets);
export const poisonedMarkets = poisonRows(markets);

/** Entries that no relay has written, in all streams of these topics. `watch` observes the other traffic. */
export function poisonEvents(topics: readonly string[], watch: Watch = watchNothing): Nemesis {
  return {
    name: `poison events of ${topics.join(', ')}`,
    holdMs: 0,
    async start(ground) {
      const { system, violated } = ground;
      system.forgive((line) => line.includes('"name":"StrayEntry"'));
      const seen = await lettersSince(ground, 0);
      const check = await watch(ground);
      const calm = await calmLoad(ground);
      let written = 0;
      const attack = await loadWithin(ground, async () => {
        const redis = new Redis(system.redis.url);
        for (const body of BODIES) {
          for (const topic of topics) {
            for (let partition = 0; partition < PARTITIONS; partition += 1) {
              written += await strayInto(redis, `${system.keyPrefix}events:{${topic}}:${partition}`, body);
            }
          }
          await wait(ATTACK_MS / BODIES.length);
        }
        redis.disconnect();
      });
      await check();
      judgeLoad(ground, 'poison events', calm, attack);
      // Strays that come while a partition is recreated disappear with it, unseen.
      const places = topics.length * PARTITIONS;
      const buried = await until(() => lettersSince(ground, seen.lastId), (letters) => letters.places === places);
      if (buried.places < places) violated('P12', `poison events went to ${places} partitions, and of ${buried.places} there are dead letters`);
      return { victims: `${written} entries, ${buried.count} buried`, heal: async () => {} };
    },
  };
}

/** Commands whose event PostgreSQL refuses, about fifty a second beside the load. */
function poisonRows(target: Target): Nemesis {
  return {
    name: `poison rows of ${target.of}`,
    holdMs: 0,
    async start(ground) {
      const { system, violated } = ground;
      const forger = system.forger();
      await target.prepare(ground);
      const calm = await calmLoad(ground);
      const traceIds = new Set<string>();
      const countedBefore = countedIn(errorsOf(system));
      system.forgive((line) => [...traceIds].some((traceId) => line.includes(traceId)));
      const answers: Record<string, number> = {};
      const attack = await loadWithin(ground, async () => {
        const untilMs = Date.now() + ATTACK_MS;
        await Promise.all(Array.from({ length: FORGERS }, async (_, first) => {
          for (let number = first; Date.now() < untilMs; number += FORGERS) {
            const { traceId, answer } = await forger.send(target.forgery(number));
            if (answer === 'RemoteCrash') traceIds.add(traceId);
            answers[answer] = (answers[answer] ?? 0) + 1;
            await wait(PAUSE_MS);
          }
        }));
      });
      await forger.close();
      judgeLoad(ground, `poison rows of ${target.of}`, calm, attack);
      const { RemoteCrash: crashes = 0, acknowledged = 0, ...others } = answers;
      const retryable = Object.fromEntries(Object.entries(others).filter(([answer]) => !REFUSED.has(answer)));
      const refused = Object.values(retryable).reduce((sum, count) => sum + count, 0);
      if (acknowledged > 0) violated('P12', `${acknowledged} poison rows of ${target.of} were acknowledged`);
      if (refused > TOLERATED.refusals + 0.1 * crashes) violated('P12', `poison rows of ${target.of} were told to come again: ${JSON.stringify(retryable)}`);
      await judgeLog(ground, traceIds, countedBefore);
      return { victims: Object.entries(answers).map(([answer, count]) => `${count} ${answer}`).join(', '), heal: async () => {} };
    },
  };
}

/**
 * One line of level error for each, from the process that refused it. In a storm, the last line counts those without a
 * line.
 */
async function judgeLog({ system, violated }: Ground, traceIds: ReadonlySet<string>, countedBefore: number): Promise<void> {
  const look = async () => {
    const errors = errorsOf(system);
    const lines = [...traceIds].map((traceId) => errors.filter((line) => line.includes(traceId)).length);
    return { lines, untold: lines.filter((count) => count === 0).length - (countedIn(errors) - countedBefore) };
  };
  const { lines, untold } = await until(look, (seen) => seen.untold <= 0);
  const twice = lines.filter((count) => count > 1).length;
  if (untold > 0) violated('P12', `${untold} of ${lines.length} poison rows were not logged`);
  if (twice > 0) violated('P12', `${twice} of ${lines.length} poison rows were logged more than once`);
}

function errorsOf(system: Ground['system']): string[] {
  return system.logged().filter((line) => line.includes('"level":"error"'));
}

/** The number of errors that were counted instead of logged. */
function countedIn(errors: readonly string[]): number {
  return errors.reduce((sum, line) => sum + Number(/"repeated":(\d+)/.exec(line)?.[1] ?? 0), 0);
}

/** Reads until it is so, for some time. Returns the last value. */
async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  const untilMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isSo(seen) || Date.now() > untilMs) return seen;
    await wait(250);
  }
}

/** Adds an entry in the place of the next event, or at the time of the clock. Returns 1 if it is there. */
async function strayInto(redis: Redis, stream: string, body: string): Promise<number> {
  const info = (await redis.xinfo('STREAM', stream).catch(() => ['last-generated-id', '0-0'])) as unknown[];
  const last = Number.parseInt(String(info[info.indexOf('last-generated-id') + 1]), 10);
  const id = body === '{}' ? '*' : `${last + 1}-0`;
  // The relay may have published, or recreated the stream, in between.
  return redis.xadd(stream, id, 'event', body).then(() => 1, () => 0);
}

interface StrayLetters {
  readonly count: number;
  /** The number of partitions with strays. */
  readonly places: number;
  readonly lastId: number;
}

async function lettersSince(ground: Ground, afterId: number): Promise<StrayLetters> {
  return withDatabase(ground, async (database) => {
    const { rows } = await database.query<StrayLetters>(
      `SELECT count(DISTINCT (topic, partition, position, stray))::int AS count, count(DISTINCT (topic, partition))::int AS places,
         coalesce(max(id), 0)::float8 AS "lastId"
       FROM events.dead_letter WHERE stray <> '' AND id > $1`, [afterId]);
    return rows[0] as StrayLetters;
  });
}

async function calmLoad(ground: Ground): Promise<Load> {
  const sinceMs = Date.now();
  const first = loadOf(ground.answers());
  return loadWithin(ground, async () => {
    const isEnough = (): boolean => loadOf(ground.answers()).answered - first.answered >= CALM.requests;
    while (Date.now() < sinceMs + CALM.msMin || (!isEnough() && Date.now() < sinceMs + CALM.msMax)) await wait(100);
  });
}

async function loadWithin({ answers }: Ground, run: () => Promise<void>): Promise<Load> {
  const before = loadOf(answers());
  await run();
  const after = loadOf(answers());
  return { answered: after.answered - before.answered, refused: after.refused - before.refused };
}

/** An answer's name ends with its status, or with the cause of a missing answer. */
function loadOf(answers: Readonly<Record<string, number>>): Load {
  let [answered, refused] = [0, 0];
  for (const [name, count] of Object.entries(answers)) {
    if (/\b(2\d\d|404|409|412|422)$/.test(name)) answered += count;
    else refused += count;
  }
  return { answered, refused };
}

/** Reports a violation if other clients are refused more often than without the poison. */
function judgeLoad({ violated }: Ground, what: string, calm: Load, attack: Load): void {
  const share = calm.refused / Math.max(1, calm.refused + calm.answered) + TOLERATED.share;
  if (attack.refused <= TOLERATED.refusals + share * (attack.refused + attack.answered)) return;
  violated('P12', `beside ${what} ${attack.refused} requests were refused and ${attack.answered} answered; before, ${calm.refused} and ${calm.answered}`);
}

async function plant(ground: Ground, sql: string): Promise<void> {
  await withDatabase(ground, async (database) => void (await database.query(sql)));
}

async function withDatabase<T>({ system }: Ground, run: (database: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(system.adminDatabaseUrl);
  url.pathname = new URL(system.databaseUrl).pathname;
  const database = new pg.Client({ connectionString: url.toString() });
  await database.connect();
  try {
    return await run(database);
  } finally {
    await database.end();
  }
}
