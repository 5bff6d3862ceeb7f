import fc from 'fast-check';
import { testDatabase } from '@aisle/persistence/testing';
import type { TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime } from '@aisle/std';
import type { CommitAnswer, JournalRow, JournalStorage, ShardPosition } from '../journal-storage.ts';
import { MemoryJournal } from '../testing/memory-journal.ts';
import { plantRefusals } from '../testing/plant-refusals.ts';
import { UNSTORABLE } from '../testing/storage-contract.ts';
import { journalMigrations } from './journal.migration.ts';
import { PostgresStorage } from './postgres-storage.ts';

const NODES = ['node-a', 'node-b'];
const SHARDS = 2;

type Operation = (storages: readonly JournalStorage[], run: number) => Promise<unknown>;

/** Every run has shards of its own, so that runs can share one database. */
const shardOf = (run: number, shard: number): number => run * SHARDS + shard;

const claim = fc.record({ node: fc.nat(1), shard: fc.nat(SHARDS - 1), epoch: fc.nat(3), token: fc.nat(2) })
  .map(({ node, shard, epoch, token }): Operation => (storages, run) =>
    (storages[node] as JournalStorage).claim(shardOf(run, shard), epoch, `token ${token}`));

const release = fc.record({ node: fc.nat(1), shard: fc.nat(SHARDS - 1), epoch: fc.nat(3) })
  .map(({ node, shard, epoch }): Operation => (storages, run) =>
    (storages[node] as JournalStorage).release(shardOf(run, shard), epoch));

const rows = fc.array(
  fc.record({
    shard: fc.nat(SHARDS - 1), actor: fc.constantFrom('left', 'right'), seq: fc.integer({ min: 1, max: 5 }),
    commandId: fc.constantFrom('a', 'b', 'c', 'd', 'e', '01890a5d-ac96-774b-bcce-b302099a8057'),
    epoch: fc.integer({ min: 1, max: 3 }),
    isStorable: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn > 0),
  }),
  { minLength: 1, maxLength: 5 },
);

const commit = rows.map((batch): Operation => async ([storage], run) => {
  const bytes = Buffer.from(`run ${run}`);
  const answer = await (storage as JournalStorage).commit(0, batch.map(({ isStorable, ...row }): JournalRow => ({
    ...row, shard: shardOf(run, row.shard), payloadHash: bytes, events: isStorable ? bytes : UNSTORABLE, outcome: bytes,
  })));
  return comparable(answer);
});

const snapshot = fc.record({ shard: fc.nat(SHARDS - 1), seq: fc.integer({ min: 1, max: 5 }) })
  .map(({ shard, seq }): Operation => ([storage], run) =>
    (storage as JournalStorage).saveSnapshot(
      { shard: shardOf(run, shard), actor: 'left' }, { seq, schemaVersion: 1, state: Buffer.from(`at ${seq}`) }));

const operations = fc.array(fc.oneof(
  { weight: 3, arbitrary: claim }, { weight: 1, arbitrary: release }, { weight: 6, arbitrary: commit },
  { weight: 1, arbitrary: snapshot },
), { minLength: 5, maxLength: 25 });

describe('The journal in PostgreSQL and its twin in memory', () => {
  let database: TestDatabase;
  let real: PostgresStorage[];

  beforeAll(async () => {
    database = await testDatabase({ schema: 'basket', migrations: journalMigrations });
    await plantRefusals(database, 'basket');
    real = NODES.map((incarnation) => new PostgresStorage({
      runtime: systemRuntime, url: database.appUrl, schema: 'basket', incarnation, lanes: 1,
    }));
  });

  afterAll(async () => {
    await Promise.all(real.map((storage) => storage.close()));
    await database.drop();
  });

  it('give the same answers to any calls, and then hold the same rows', async () => {
    let run = 0;
    await fc.assert(fc.asyncProperty(operations, async (plan) => {
      run += 1;
      const memory = new MemoryJournal(systemRuntime, { isUnstorable: ({ events }) => UNSTORABLE.equals(events) });
      const twin = NODES.map((incarnation) => memory.storage(incarnation));
      for (const operation of plan) {
        const [expected, actual] = [await operation(twin, run), await operation(real, run)];
        expect(actual).toEqual(expected);
      }
      expect(await everything(real[0] as JournalStorage, run)).toEqual(
        await everything(twin[0] as JournalStorage, run));
    }), { numRuns: 60 });
  });
});

/** All readable data of a run's shards, without positions and times, which differ between the twins. */
async function everything(storage: JournalStorage, run: number): Promise<unknown> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => shardOf(run, shard));
  const actors = shards.flatMap((shard) => ['left', 'right'].map((actor) => ({ shard, actor })));
  const written = await storage.readAfter(shards.map((shard): ShardPosition => ({ shard, pos: 0 })), 100);
  const loaded = await storage.load(actors);
  return {
    owners: await storage.owners(shards),
    written: written.map(plain),
    loaded: loaded.map((history) => ({ ...history, rows: history.rows.map(plain) })),
  };
}

function plain({ shard, actor, epoch, seq, commandId, events }: JournalRow): unknown {
  return { shard, actor, epoch, seq, commandId, events: Buffer.from(events).toString() };
}

function comparable(answer: CommitAnswer): unknown {
  if (answer.kind !== 'answered') return answer.kind;
  return answer.refusals.map((refusal) => (refusal.reason === 'duplicate'
    ? { ...refusal, recorded: { ...refusal.recorded, payloadHash: '', outcome: '' } } : refusal));
}
