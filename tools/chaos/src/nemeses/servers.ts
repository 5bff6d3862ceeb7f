import { Redis } from 'ioredis';
import pg from 'pg';
import { wait, type Ground, type Nemesis } from './nemesis.ts';

/** Faults of Redis and PostgreSQL. */
export const serverNemeses: readonly Nemesis[] = [
  {
    name: 'Redis FLUSHALL',
    holdMs: 500,
    measures: 'service',
    async start({ system }) {
      const redis = new Redis(system.redis.url);
      await redis.flushall();
      redis.disconnect();
      return { victims: 'Redis', heal: async () => {} };
    },
  },
  {
    name: 'Redis kill -9 and restart',
    holdMs: 1_500,
    perRound: 2,
    measures: 'service',
    async start({ system }) {
      await system.redis.kill();
      return { victims: 'Redis', heal: () => system.redis.restart() };
    },
  },
  {
    name: 'Redis SIGSTOP for 3 s',
    holdMs: 3_000,
    measures: 'service',
    async start({ system }) {
      system.redis.signal('SIGSTOP');
      return { victims: 'Redis', heal: async () => system.redis.signal('SIGCONT') };
    },
  },
  {
    name: 'PostgreSQL kill -9 and restart',
    holdMs: 1_000,
    perRound: 2,
    measures: 'service',
    async start({ system }) {
      await system.postgres.kill();
      return { victims: 'PostgreSQL', heal: () => system.postgres.restart() };
    },
  },
  {
    name: 'pg_terminate_backend of random backends',
    holdMs: 0,
    async start(ground) {
      let ended = 0;
      for (let round = 0; round < 6; round += 1) {
        ended += await terminateSome(ground);
        await wait(300);
      }
      return { victims: `${ended} backends`, heal: async () => {} };
    },
  },
];

/** Ends about a third of the apps' sessions. */
async function terminateSome({ system, random }: Ground): Promise<number> {
  const admin = new pg.Client({ connectionString: system.adminDatabaseUrl });
  await admin.connect();
  const { rows } = await admin.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE datname = $1 ORDER BY pid', [new URL(system.databaseUrl).pathname.slice(1)]);
  const chosen = rows.filter(() => random.int(3) === 0).map(({ pid }) => pid);
  await admin.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [chosen]);
  await admin.end();
  return chosen.length;
}
