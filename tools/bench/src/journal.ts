// Question: what do the fence, the duplicate check and the grouping cost over a bare `unnest` insert of the same rows
// into the same table? How many commands per second are durable in groups, and how much WAL does one write? Point
// DATABASE_URL at a quiet server: the counted WAL is the whole server's.
import { Journal, PostgresStorage, journalMigrations } from '@aisle/journal';
import type { Lease } from '@aisle/journal';
import { testDatabase } from '@aisle/persistence/testing';
import { assert, systemRuntime as runtime } from '@aisle/std';
import { Client } from 'pg';
import { bench, quick } from './harness.ts';
import type { BenchCase, BenchRun } from './harness.ts';
import { BasketRows } from './journal/basket-rows.ts';
import { WalMeter } from './load/wal.ts';

const SCHEMA = 'bench';
const EVENTS_PER_SECOND_MIN = 60_000;
const WAL_BYTES_MAX = 800;

type Sizes = { readonly baskets: readonly [number, number] };

const database = await testDatabase({ schema: SCHEMA, migrations: journalMigrations });
const admin = await administrator();
try {
  const role = new URL(database.appUrl).username;
  await admin.query(`
    CREATE TABLE ${SCHEMA}.bare (LIKE ${SCHEMA}.journal INCLUDING ALL);
    GRANT INSERT ON ${SCHEMA}.bare TO ${role};
    GRANT USAGE ON SEQUENCE ${SCHEMA}.journal_pos TO ${role}`);
  // First, while the table is small: vacuum writes whole pages of a large one in between.
  for (const rows of [1, 16, 64, 512]) await reportWal(rows);
  const results = await bench<Sizes>('the journal over a bare insert of the same rows', { baskets: [100, 20_000] }, [
    ...batches('64 rows, many baskets', 64),
    ...batches('64 rows, one basket', 64, 1),
    ...batches('512 rows, many baskets', 512),
    grouped('in groups, 1,024 under way', 1_024),
  ]);
  const inGroups = results.find(({ group }) => group.startsWith('in groups'));
  if (inGroups) judge('durable events a second', inGroups.perSecond, inGroups.perSecond >= EVENTS_PER_SECOND_MIN);
} finally {
  await admin.end();
  await database.drop();
}

function batches(group: string, rows: number, baskets?: number): BenchCase<Sizes>[] {
  return [
    { group, name: 'bare unnest', open: (sizes) => bare(new BasketRows(baskets ?? sizes.baskets), rows) },
    {
      group,
      name: 'journal',
      p50RatioMax: 1.3,
      open: (sizes) => fenced(new BasketRows(baskets ?? sizes.baskets), rows),
    },
  ];
}

/** The insert of a competent team that needs no fence: one prepared statement per batch. */
async function bare(source: BasketRows, count: number): Promise<BenchRun> {
  const client = new Client({ connectionString: database.appUrl });
  await client.connect();
  const text = `
    INSERT INTO ${SCHEMA}.bare
      (shard, epoch, actor_key, actor, seq, command_id, payload_hash, events, outcome)
    SELECT * FROM unnest($1::int[], $2::int[], $3::uuid[], $4::text[], $5::bigint[],
      $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[])`;
  return {
    operate: async () => {
      const values = source.columns(source.next(count));
      await client.query({ name: 'bare', text, values });
      return count;
    },
    close: () => client.end(),
  };
}

async function fenced(source: BasketRows, count: number): Promise<BenchRun> {
  const storage = open();
  const epochs = await Promise.all(source.shards.map(async (shard) => {
    const [owner] = await storage.owners([shard]);
    return storage.claim(shard, owner?.epoch ?? 0, source.name);
  }));
  const epochOf = new Map(epochs.map(({ shard, epoch }) => [shard, epoch]));
  return {
    operate: async () => {
      const rows = source.next(count).map((row) => ({ ...row, epoch: epochOf.get(row.shard) as number }));
      const answer = await storage.commit(0, rows);
      assert(answer.kind === 'answered' && answer.refusals.length === 0, 'every row is written');
      return count;
    },
    close: () => storage.close(),
  };
}

/** One command per operation, as the actors of a node append them. */
function grouped(group: string, concurrency: number): BenchCase<Sizes> {
  return { group, name: 'journal', concurrency, open: (sizes) => appending(new BasketRows(sizes.baskets)) };
}

async function appending(source: BasketRows): Promise<BenchRun> {
  const journal = new Journal({ storage: open(), runtime });
  const leases = new Map<number, Lease>();
  for (const { shard, epoch } of await journal.owners(source.shards)) {
    leases.set(shard, (await journal.claim(shard, epoch)) as Lease);
  }
  return {
    operate: async () => {
      const row = source.one();
      const { kind } = await journal.append(leases.get(row.shard) as Lease, row);
      assert(kind === 'committed', `every row is written, not ${kind}`);
    },
    close: () => journal.close(),
  };
}

async function reportWal(rows: number): Promise<void> {
  const meter = await WalMeter.on(admin);
  const run = await fenced(new BasketRows(quick ? 100 : 5_000), rows);
  // A steady load: every page to be written has been written once since the checkpoint.
  for (let written = 0; written < (quick ? 100 : 20_000); written += rows) await run.operate();
  const from = await meter.position();
  let events = 0;
  while (events < (quick ? 100 : 20_000)) events += (await run.operate()) as number;
  const { bytes, fullPageBytes, commits } = await meter.written(from, await meter.position());
  await run.close?.();
  const each = (bytes - fullPageBytes) / events;
  judge(`WAL bytes an event, ${rows} a commit`, each, rows === 1 || each <= WAL_BYTES_MAX);
  const { checkpointTimeout, walCompression } = await meter.settings();
  const pages = `and ${Math.round(fullPageBytes / events)} of full pages`;
  console.log(`  ${pages} (checkpoint_timeout ${checkpointTimeout}, wal_compression ${walCompression}), ${commits} commits`);
}

function judge(what: string, figure: number, met: boolean): void {
  console.log(`${what}: ${Math.round(figure).toLocaleString('en-GB')} ${met ? 'met' : 'MISSED'}`);
  if (!met && !quick) process.exitCode = 1;
}

function open(): PostgresStorage {
  return new PostgresStorage({ runtime, url: database.appUrl, schema: SCHEMA, incarnation: 'bench' });
}

async function administrator(): Promise<Client> {
  const url = new URL(database.adminUrl);
  url.pathname = new URL(database.appUrl).pathname;
  const client = new Client({ connectionString: url.toString() });
  await client.connect();
  return client;
}
