import { Redis } from 'ioredis';
import pg from 'pg';
import { wait, type Ground, type Nemesis } from './nemesis.ts';

const HOLD_MS = 4_000;
/** The recovery time of a server that was out of room. */
const RECOVERY_MS = 10_000;
const TOO_MANY_CLIENTS = '53300';

/** Faults by which Redis or PostgreSQL runs out of connections or disk. */
export const limitNemeses: readonly Nemesis[] = [
  {
    name: 'PostgreSQL has no connection left',
    holdMs: 0,
    async start(ground) {
      const thieves = await takeConnections(ground, HOLD_MS);
      return {
        victims: `${thieves.length} connections taken`,
        heal: async () => void (await Promise.all(thieves.map((thief) => thief.end().catch(() => undefined)))),
      };
    },
  },
  {
    name: 'Redis has no connection left',
    holdMs: HOLD_MS,
    async start({ system }) {
      const redis = new Redis(system.redis.url);
      const [, most] = (await redis.config('GET', 'maxclients')) as [string, string];
      await redis.config('SET', 'maxclients', '2');
      const ended = await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      return {
        victims: `${String(ended)} connections ended`,
        async heal() {
          await redis.config('SET', 'maxclients', most);
          redis.disconnect();
        },
      };
    },
  },
  {
    name: "PostgreSQL's disk is full",
    holdMs: HOLD_MS,
    async start({ system: { postgres } }) {
      const { disk } = postgres;
      if (!disk) return { victims: 'nobody: this user may not mount a disk', heal: async () => {} };
      disk.fill();
      return {
        victims: 'PostgreSQL',
        async heal() {
          disk.free();
          const untilMs = Date.now() + RECOVERY_MS;
          while (postgres.isAlive() && Date.now() < untilMs && !(await answers(postgres.url))) await wait(100);
          if (!postgres.isAlive()) await postgres.restart();
        },
      };
    },
  },
];

/** Takes every free connection, and those of the apps, for some time. */
async function takeConnections({ system }: Ground, forMs: number): Promise<pg.Client[]> {
  const thieves: pg.Client[] = [];
  const untilMs = Date.now() + forMs;
  let killer: pg.Client | undefined;
  while (Date.now() < untilMs) {
    const thief = new pg.Client({ connectionString: system.adminDatabaseUrl });
    thief.on('error', () => undefined);
    try {
      await thief.connect();
      thieves.push(thief);
      killer ??= thief;
    } catch (error) {
      if ((error as { code?: string }).code !== TOO_MANY_CLIENTS) throw error;
      // Nothing was free: now the apps lose one of their connections, which is taken next.
      await killer?.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 LIMIT 4', [new URL(system.databaseUrl).pathname.slice(1)]);
    }
  }
  return thieves;
}

function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  return client.connect().then(() => true, () => false).finally(() => client.end().catch(() => undefined));
}
