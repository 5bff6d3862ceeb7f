import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createPool } from '@aisle/persistence';
import { testDatabase } from '@aisle/persistence/testing';
import type { TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime } from '@aisle/std';
import { VirtualRuntime, eventually } from '@aisle/std/testing';
import { Client } from 'pg';
import type { Pool } from 'pg';
import type { JournalRow, JournalStorage } from '../journal-storage.ts';
import { plantRefusals } from '../testing/plant-refusals.ts';
import { describeStorage } from '../testing/storage-contract.ts';
import { journalMigrations } from './journal.migration.ts';
import { PostgresStorage } from './postgres-storage.ts';
import type { PostgresStorageOptions } from './postgres-storage.ts';
import { storedActor } from './stored-keys.ts';

const ROW: JournalRow = {
  shard: 7, actor: 'default/market-1/basket-1', epoch: 1, seq: 1, commandId: 'first',
  payloadHash: Buffer.from('hash'), events: Buffer.from('[]'), outcome: Buffer.from('{}'),
};

describe('PostgresStorage', () => {
  let database: TestDatabase;
  let owner: Pool;
  const opened: JournalStorage[] = [];
  const clients: Client[] = [];

  beforeAll(async () => {
    database = await testDatabase({ schema: 'basket', migrations: journalMigrations });
    owner = ownerPool(database);
    await plantRefusals(database, 'basket');
  });

  afterEach(async () => {
    await Promise.all([
      ...opened.splice(0).map((storage) => storage.close()), ...clients.splice(0).map((client) => client.end()),
    ]);
    await owner.query('TRUNCATE basket.journal, basket.shard_lease, basket.snapshot, basket.consumer_checkpoint');
  });

  afterAll(async () => {
    await owner.end();
    await database.drop();
  });

  const open = (incarnation: string, other: Partial<PostgresStorageOptions> = {}): PostgresStorage => {
    const storage = new PostgresStorage({
      runtime: systemRuntime, url: database.appUrl, schema: 'basket', incarnation, lanes: 1, ...other,
    });
    opened.push(storage);
    return storage;
  };

  describe('as every storage', () => {
    describeStorage(() => ({
      storage: open,
      age: async (ms) => {
        await owner.query(`UPDATE basket.journal SET at = at - $1 * interval '1 millisecond'`, [ms]);
      },
    }));
  });

  describe('the fence', () => {
    it('refuses the rows of a shard that is just being claimed, without waiting for the claim', async () => {
      const storage = open('node-a');
      await storage.claim(7, 0, 'token');
      const claimant = await appClient('node-b');
      await claimant.query('BEGIN');
      await claimant.query(`SELECT * FROM journal_claim(7, 1, 'node-b', 'other')`);

      const answer = await storage.commit(0, [ROW]);

      expect(answer).toEqual({ kind: 'answered', refusals: [{ index: 0, reason: 'fenced' }] });
      await claimant.query('ROLLBACK');
      expect(await storage.commit(0, [ROW])).toEqual({ kind: 'answered', refusals: [] });
    });

    it('cuts off an owner that is frozen in the middle of a commit, and nothing of that is in', async () => {
      const [storage, next] = [open('node-a'), open('node-b')];
      await storage.claim(7, 0, 'token');
      const frozen = await appClient('node-a');
      await executeWithoutSync(frozen, commitCall(ROW));
      await eventually(async () => (await lockedShards()) > 0);

      const claim = await next.claim(7, 1, 'other');

      expect(claim).toMatchObject({ granted: true, epoch: 2 });
      expect(await next.history(ROW, 0, 10)).toEqual([]);
      expect(await storage.commit(0, [ROW])).toMatchObject({ refusals: [{ reason: 'fenced' }] });
    });

    it('cuts off only the recorded owner', async () => {
      const runtime = new VirtualRuntime();
      const [storage, next] = [open('node-a'), open('node-b', { runtime })];
      await storage.claim(7, 0, 'token');
      const stranger = await appClient('node-c');
      await stranger.query('BEGIN');
      await stranger.query(commitCall({ ...ROW, epoch: 9 }));

      const claim = next.claim(7, 1, 'other');
      await eventually(async () => (await waitingFor('node-b')) === 1);
      await runtime.advance(300);
      await eventually(async () => (await lookedForBlockers('node-b')) === 1);
      await stranger.query('COMMIT');

      expect(await claim).toMatchObject({ granted: true, epoch: 2 });
    });
  });

  describe('a connection that is cut in the middle of a commit', () => {
    it('leaves the outcome unknown; the claim after it waits for a call that still commits', async () => {
      const proxy = await openProxy(database.appUrl);
      // No timer fires on virtual time, so nobody is cut off here.
      const runtime = new VirtualRuntime();
      const [storage, next] = [open('node-a', { url: proxy.url }), open('node-b', { runtime })];
      await storage.claim(7, 0, 'token');
      const blocker = await blockedRow(ROW);
      const commit = storage.commit(0, [ROW]);
      await eventually(async () => (await waitingFor('node-a')) === 1);

      proxy.cut();
      expect(await commit).toMatchObject({ kind: 'unknown' });
      const claim = next.claim(7, 1, 'other');
      await eventually(async () => (await waitingFor('node-b')) === 1);
      await blocker.release();

      expect(await claim).toMatchObject({ granted: true, epoch: 2 });
      expect(await next.history(ROW, 0, 10)).toMatchObject([{ seq: 1, epoch: 1 }]);
      await proxy.close();
    });

    it('leaves the outcome unknown when the server cut it, too', async () => {
      const storage = open('node-a');
      await storage.claim(7, 0, 'token');
      const blocker = await blockedRow(ROW);
      const commit = storage.commit(0, [ROW]);
      await eventually(async () => (await waitingFor('node-a')) === 1);

      await owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'node-a'
         AND wait_event_type = 'Lock'`);

      expect(await commit).toEqual({ kind: 'unknown', reason: '57P01' });
      await blocker.release();
      expect(await storage.commit(0, [ROW])).toEqual({ kind: 'answered', refusals: [] });
    });
  });

  describe('a commit that certainly did not happen', () => {
    it('says so when there is no server', async () => {
      const storage = open('node-a', { url: 'postgres://basket:s3cret@127.0.0.1:1/aisle' });

      expect(await storage.commit(0, [ROW])).toEqual({ kind: 'failed', reason: 'ECONNREFUSED' });
      await expect(storage.owners([7])).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(storage.claim(7, 0, 'token')).rejects.toMatchObject({ kind: 'unavailable' });
    });

    it.each([
      ['a key of the journal itself, which says that the fence was passed', '23505', 'journal'],
      ['a deadlock', '40P01', ''],
      ['a full disk', '53100', ''],
      ['a limit of time', '57014', ''],
      ['a table that is missing', '42P01', ''],
    ])('says so when the server refuses the statement for %s', async (_why, sqlState, table) => {
      const storage = open('node-a');
      await storage.claim(7, 0, 'token');

      const answer = await storage.commit(0, [raising(sqlState, table)]);

      expect(answer).toEqual({ kind: 'failed', reason: sqlState });
      expect(await storage.commit(0, [ROW])).toEqual({ kind: 'answered', refusals: [] });
    });
  });

  describe('a row that PostgreSQL refuses', () => {
    it.each([
      ['a text that is none', '22P05', ''],
      ['a number that is too large', '22003', ''],
      ['a day that there is not', '22008', ''],
      ['nothing where something has to be', '23502', 'product'],
      ['a rule of a table', '23514', 'product'],
      ['a key of a table that a trigger writes', '23505', 'movement'],
      ['two rows of one key in one statement', '21000', ''],
      ['a key that is too long for its index', '54000', ''],
    ])('is unstorable for %s', async (_why, sqlState, table) => {
      const storage = open('node-a');
      await storage.claim(7, 0, 'token');

      const answer = await storage.commit(0, [{ ...ROW, actor: 'other' }, raising(sqlState, table)]);

      expect(answer).toEqual({ kind: 'unstorable', refusal: { sqlState, ...(table && { table, constraint: 'planted' }) } });
      expect(await storage.history({ ...ROW, actor: 'other' }, 0, 10)).toEqual([]);
    });

    it('is unstorable when already its name is no text, on the connection that commits the others', async () => {
      const storage = open('node-a');
      await storage.claim(7, 0, 'token');
      const before = await connectionsOf('node-a');

      const answer = await storage.commit(0, [ROW, { ...ROW, actor: 'zero \0 byte' }]);

      expect(answer).toEqual({ kind: 'unstorable', refusal: { sqlState: '22021' } });
      expect(await storage.commit(0, [ROW])).toEqual({ kind: 'answered', refusals: [] });
      expect(await connectionsOf('node-a')).toEqual(expect.arrayContaining(before));
    });
  });

  describe("the app's role", () => {
    it.each([
      ['write a row past the fence', `INSERT INTO journal SELECT * FROM journal`],
      ['change a row', `UPDATE journal SET events = ''`],
      ['delete a row', 'DELETE FROM journal'],
      ['empty the journal', 'TRUNCATE journal'],
      ['give itself a shard', `UPDATE shard_lease SET owner = 'me'`],
      ['invent a lease', `INSERT INTO shard_lease VALUES (1, 1)`],
      ['change a snapshot', `UPDATE snapshot SET state = ''`],
      ['delete a snapshot', 'DELETE FROM snapshot'],
      ['draw positions', `SELECT nextval('journal_pos')`],
    ])('may not %s', async (_what, statement) => {
      const client = await appClient('node-a');

      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    });
  });

  async function appClient(applicationName: string): Promise<Client> {
    const client = new Client({
      connectionString: database.appUrl, application_name: applicationName, options: '-c search_path=basket',
    });
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    return client;
  }

  /** Another transaction that has just written this row. A commit of it waits until that transaction ends. */
  async function blockedRow(row: JournalRow): Promise<{ release(): Promise<void> }> {
    const client = await owner.connect();
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO basket.journal (shard, epoch, actor_key, actor, seq, command_id, payload_hash, events, outcome)
       VALUES ($1, $2, $3, $4, $5, 'x', 'x', 'x', 'x')`,
      [row.shard, row.epoch, storedActor(row.actor).toString('hex'), row.actor, row.seq]);
    return {
      release: async () => {
        await client.query('ROLLBACK');
        client.release();
      },
    };
  }

  async function waitingFor(applicationName: string): Promise<number> {
    const { rows } = await owner.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`,
      [applicationName]);
    return rows[0]?.n ?? 0;
  }

  async function connectionsOf(applicationName: string): Promise<number[]> {
    const { rows } = await owner.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY pid', [applicationName]);
    return rows.map(({ pid }) => pid);
  }

  async function lookedForBlockers(applicationName: string): Promise<number> {
    const { rowCount } = await owner.query(
      `SELECT FROM pg_stat_activity WHERE application_name = $1 AND state = 'idle' AND query LIKE '%blocking%'`,
      [applicationName]);
    return rowCount ?? 0;
  }

  async function lockedShards(): Promise<number> {
    const { rowCount } = await owner.query(
      `SELECT FROM pg_locks WHERE relation = 'basket.shard_lease'::regclass AND mode = 'RowShareLock'`);
    return rowCount ?? 0;
  }
});

/** The administrator in the test's own database. */
function ownerPool({ adminUrl, appUrl }: TestDatabase): Pool {
  const url = new URL(adminUrl);
  url.pathname = new URL(appUrl).pathname;
  return createPool({ url: url.toString(), schema: 'basket', poolMax: 4, applicationName: 'test-owner' });
}

/** A row at which the planted trigger raises this error. */
function raising(sqlState: string, table: string): JournalRow {
  return { ...ROW, events: Buffer.from(`raise ${sqlState} ${table}`) };
}

function commitCall(row: JournalRow): string {
  const key = storedActor(row.actor).toString('hex');
  return `SELECT * FROM journal_commit(ARRAY[${row.shard}], ARRAY[${row.epoch}], ARRAY[1], ARRAY['${key}'::uuid],
    ARRAY['${row.actor}'], ARRAY[${row.seq}::bigint], ARRAY['x'::bytea], ARRAY['x'::bytea], ARRAY['x'::bytea],
    ARRAY['x'::bytea])`;
}

/** The state that a process leaves when it is stopped between Execute and Sync: the call is done and not committed. */
async function executeWithoutSync(client: Client, text: string): Promise<void> {
  const { connection } = client as unknown as { connection: Record<string, (message?: object) => void> };
  connection['parse']?.({ text });
  connection['bind']?.({});
  connection['execute']?.({});
  connection['flush']?.();
}

/** A TCP proxy whose `cut` closes the near side only, so the server goes on as if nothing had happened. */
async function openProxy(target: string): Promise<{ url: string; cut(): void; close(): Promise<void> }> {
  const { hostname, port } = new URL(target);
  const near = new Set<Socket>();
  const far = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(Number(port), hostname);
    near.add(socket);
    far.add(upstream);
    socket.on('data', (bytes) => upstream.write(bytes)).on('error', () => {});
    upstream.on('data', (bytes) => socket.write(bytes)).on('error', () => {});
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.toString(),
    cut: () => near.forEach((socket) => socket.destroy()),
    close: async () => {
      for (const socket of [...near, ...far]) socket.destroy();
      await new Promise((closed) => void server.close(closed));
    },
  };
}
