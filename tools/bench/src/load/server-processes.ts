import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import type { MeteredProcess } from './cpu.ts';

/** The processes that all contenders use: the load itself, Redis, and PostgreSQL with its backends. */
export async function serverProcesses(redis: Redis, admin: Client): Promise<MeteredProcess[]> {
  return [
    { name: 'load', pid: process.pid },
    { name: 'redis-server', pid: await redisPid(redis) },
    { name: 'postgres', pid: await postmasterPid(admin), withChildren: true },
  ];
}

async function redisPid(redis: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
}

async function postmasterPid(admin: Client): Promise<number> {
  const { rows } = await admin.query<{ pid: string }>(`SELECT pg_read_file('postmaster.pid') AS pid`);
  return Number.parseInt(rows[0]!.pid, 10);
}
