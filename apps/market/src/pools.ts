import { Gauge, type Registry } from '@aisle/platform';

/** The counts of a pool of database connections, such as `pg.Pool`. */
export interface WatchedPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Shows the connections by pool and state in a metric, and the requests that wait for one. */
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

/** A description of an exhausted pool: all connections are taken, and requests wait. Otherwise undefined. */
export function poolProblem(pool: WatchedPool, max: number): string | undefined {
  const { totalCount, idleCount, waitingCount } = pool;
  const isUsedUp = waitingCount > 0 && idleCount === 0 && totalCount >= max;
  return isUsedUp ? `all ${max} connections are taken, and ${waitingCount} requests wait for one` : undefined;
}
