import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { ensureInfra, type Infra } from '../index.ts';
import { isAlive, signalProcess, type ProcessIdentity } from '../process/identity.ts';
import { lockHolder } from '../process/lock.ts';
import { infraFolder, readState } from './state.ts';

describe('ensureInfra', () => {
  // The space is intentional: a clone may be in such a folder.
  const dataDir = mkdtempSync(join(tmpdir(), 'aisle infra-'));
  const started: ChildProcess[] = [];
  let infra: Infra;

  beforeAll(async () => {
    delete process.env['REDIS_URL'];
    delete process.env['DATABASE_URL'];
    // As root we run PostgreSQL as another user, who needs access to the folder.
    chmodSync(dataDir, 0o755);
    infra = await ensureInfra({ dataDir });
  });

  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await infra.release();
    await eventually(() => lockHolder(infraFolder(dataDir)) === undefined);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('gives a Redis and a PostgreSQL 18 whose administrator may create databases', async () => {
    const redis = new Redis(infra.redisUrl);

    const answer = await redis.ping();
    await query(infra, 'create database own_of_a_suite');

    redis.disconnect();
    expect(answer).toBe('PONG');
    expect(await query(infra, 'show server_version')).toMatch(/^18\./);
    expect(infra.sources.redis).toEqual(expect.any(String));
  });

  it('keeps fsync and synchronous_commit switched on', async () => {
    expect(await query(infra, 'show fsync')).toBe('on');
    expect(await query(infra, 'show synchronous_commit')).toBe('on');
  });

  it('attaches any number of concurrent processes to the same servers', async () => {
    const others = await Promise.all([1, 2, 3].map(() => userProcess()));

    expect(others.map((other) => other.redisUrl)).toEqual(Array(3).fill(infra.redisUrl));
    expect(others.map((other) => other.databaseUrl)).toEqual(Array(3).fill(infra.adminDatabaseUrl));
  });

  it('gives a killed keeper a successor that keeps servers, data and URLs', async () => {
    await query(infra, 'create table kept as select 1 as fact');
    const [keeper, servers] = [keeperOf(), serversOf()];

    signalProcess(keeper, 'SIGKILL');
    await eventually(() => !isAlive(keeper));
    const again = await ensureInfra({ dataDir });

    expect(again.adminDatabaseUrl).toBe(infra.adminDatabaseUrl);
    expect(await query(again, 'select fact from kept')).toBe(1);
    expect(serversOf()).toEqual(servers);
    expect(keeperOf()).not.toEqual(keeper);
    await again.release();
  });

  it('starts a killed PostgreSQL again on the same URL', async () => {
    const server = serversOf()[1]!;

    signalProcess(server, 'SIGKILL');

    await eventually(() => query(infra, 'select fact from kept').then((fact) => fact === 1));
    expect(serversOf()[1]).not.toEqual(server);
  });

  it('recovers when keeper and servers were killed together', async () => {
    const killed = [keeperOf(), ...serversOf()];

    for (const one of killed) signalProcess(one, 'SIGKILL');
    await eventually(() => !killed.some(isAlive));
    const again = await ensureInfra({ dataDir });

    expect(await query(again, 'select fact from kept')).toBe(1);
    await again.release();
  });

  it('stops everything when its last user was killed', async () => {
    const user = await userProcess();
    await infra.release();
    for (const child of started) child.kill('SIGKILL');
    const processes = [keeperOf(), ...serversOf()];
    expect(processes.every(isAlive)).toBe(true);
    expect(user.child.killed).toBe(true);

    await eventually(() => !processes.some(isAlive));

    infra = await ensureInfra({ dataDir });
    expect(await query(infra, 'select fact from kept')).toBe(1);
  });

  it('starts only the requested services', async () => {
    const other = mkdtempSync(join(tmpdir(), 'aisle-infra-'));

    const redisOnly = await ensureInfra({ dataDir: other, needs: ['redis'] });

    expect(redisOnly.adminDatabaseUrl).toBe('');
    expect(Object.keys(readState(other)?.services ?? {})).toEqual(['redis']);
    await redisOnly.release();
    await eventually(() => lockHolder(infraFolder(other)) === undefined);
    rmSync(other, { recursive: true, force: true });
  });

  it('uses REDIS_URL and DATABASE_URL, and reports when nothing answers there', async () => {
    process.env['REDIS_URL'] = infra.redisUrl;
    process.env['DATABASE_URL'] = 'postgres://postgres@127.0.0.1:1/postgres';

    const given = await ensureInfra({ dataDir: '/nonexistent', needs: ['redis'] });
    const refused = ensureInfra({ dataDir: '/nonexistent', needs: ['postgres'] });

    expect(given.redisUrl).toBe(infra.redisUrl);
    await expect(refused).rejects.toThrow(/^DATABASE_URL is set, but .* does not answer/);
    delete process.env['REDIS_URL'];
    delete process.env['DATABASE_URL'];
  });

  function keeperOf(): ProcessIdentity {
    const keeper = lockHolder(infraFolder(dataDir));
    if (keeper === undefined) throw new Error('no keeper lives');
    return keeper;
  }

  function serversOf(): ProcessIdentity[] {
    const services = readState(dataDir)?.services ?? {};
    return [services.redis, services.postgres].flatMap((service) =>
      service?.status === 'up' ? [service.process] : [],
    );
  }

  /** Another process that needs the servers until it is killed. */
  async function userProcess() {
    const root = join(__dirname, '..', '..');
    const script = `
      const { ensureInfra } = await import(process.argv[1]);
      const infra = await ensureInfra({ dataDir: process.argv[2] });
      console.log(JSON.stringify({ redisUrl: infra.redisUrl, databaseUrl: infra.adminDatabaseUrl }));
      setInterval(() => {}, 1000);`;
    const child = spawn(
      process.execPath,
      [
        '--conditions=@aisle/source', '--import', pathToFileURL(join(root, 'swc-hook.mjs')).href,
        '--input-type=module', '--eval', script, pathToFileURL(join(root, 'src', 'index.ts')).href, dataDir,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    started.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      return { child, ...(JSON.parse(line) as { redisUrl: string; databaseUrl: string }) };
    }
    throw new Error('the other process ended without an answer');
  }
});

/** The first value of the first row. */
async function query(infra: Infra, sql: string): Promise<unknown> {
  const client = new pg.Client(infra.adminDatabaseUrl);
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + 30_000;
  for (;;) {
    const failure = await Promise.resolve()
      .then(holds)
      .then((held) => (held ? undefined : new Error('the condition stayed false')), (error: Error) => error);
    if (failure === undefined) return;
    if (Date.now() > untilMs) throw failure;
    await sleep(20);
  }
}
