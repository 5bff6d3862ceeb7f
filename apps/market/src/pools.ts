import { Gauge, type Registry } from '@aisle/platform';

/** What of a pool of database connections is watched; `pg.Pool` is one. */
export interface WatchedPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Connections by pool and state, and how many requests wait for one. */
export function showPools(metrics: Registry, pools: Readonly<Record<string, { pool: WatchedPool; max: number }>>): void {
  new Gauge({
    name: 'database_pool_connections',
    help: 'connections of a pool: total, idle, the most it may have, and requests waiting for one',
    labelNames: ['pool', 'state'],
    registers: [metrics],
    collect() {
      for (const [name, { pool, max }] of Object.entries(pools)) {
        this.set({ pool: name, state: 'total' }, pool.totalCount);
        this.set({ pool: name, state: 'idle' }, pool.idleCount);
        this.set({ pool: name, state: 'waiting' }, pool.waitingCount);
        this.set({ pool: name, state: 'max' }, max);
      }
    },
  });
}

/** What is wrong with a pool, if every connection is taken and somebody waits. */
export function poolProblem(pool: WatchedPool, max: number): string | undefined {
  const { totalCount, idleCount, waitingCount } = pool;
  const isUsedUp = waitingCount > 0 && idleCount === 0 && totalCount >= max;
  return isUsedUp ? `all ${max} connections are taken, and ${waitingCount} requests wait for one` : undefined;
}
