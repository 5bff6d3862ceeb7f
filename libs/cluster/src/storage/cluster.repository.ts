import type { ShardOwner } from '@aisle/journal';
import { unavailableReason } from '@aisle/persistence';
import type { NodeEntry, NodeRow } from '@aisle/registry/membership';
import type { Pool, QueryResultRow } from 'pg';
import { ClusterFailure } from '../cluster-failures.ts';
import type { ClusterStorage, ClusterView } from './cluster-storage.ts';

/** Asks the cluster tables; throws `ClusterFailure.unavailable` when PostgreSQL is away. */
export async function queryCluster<R extends QueryResultRow>(
  pool: Pool, sql: string, values: readonly unknown[] = [],
): Promise<R[]> {
  try {
    return (await pool.query<R>(sql, [...values])).rows;
  } catch (error) {
    const reason = unavailableReason(error);
    throw reason === undefined ? error : ClusterFailure.unavailable(reason).causedBy(error);
  }
}

interface RawView {
  nodes: NodeRow[];
  /** `[shard, epoch, owner]`; a shard that was never claimed has no row. */
  owners: [number, number, string | null][];
  version: number;
  targets: (string | null)[];
}

// One statement is one snapshot. It reads the journal's leases, which only the journal writes.
const VIEW = `
  SELECT
    (SELECT coalesce(json_agg(json_build_object(
       'incarnation', incarnation, 'queue', queue, 'draining', draining, 'beat', beat::text)
       ORDER BY incarnation), '[]') FROM node_lease) AS nodes,
    (SELECT coalesce(json_agg(json_build_array(shard, epoch, owner)), '[]') FROM shard_lease) AS owners,
    version::int AS version, targets
  FROM placement`;

/** A shard group's nodes and placement in PostgreSQL, in the group's own schema. */
export class ClusterRepository implements ClusterStorage {
  constructor(
    private readonly pool: Pool,
    /** How many shards the group has. */
    private readonly shards: number,
  ) {}

  async beat({ incarnation, queue, draining }: NodeEntry): Promise<void> {
    // Begins above every beat of before: who was taken out for dead and comes back must be seen to move.
    await queryCluster(
      this.pool,
      `INSERT INTO node_lease (incarnation, queue, draining, beat)
       VALUES ($1, $2, $3, extract(epoch FROM clock_timestamp()) * 1000)
       ON CONFLICT (incarnation) DO UPDATE SET beat = node_lease.beat + 1, draining = $3`,
      [incarnation, queue, draining],
    );
  }

  async remove(incarnation: string): Promise<void> {
    await queryCluster(this.pool, 'DELETE FROM node_lease WHERE incarnation = $1', [incarnation]);
  }

  async bury({ incarnation, beat }: NodeRow): Promise<void> {
    await queryCluster(this.pool, 'DELETE FROM node_lease WHERE incarnation = $1 AND beat = $2', [incarnation, beat]);
  }

  async view(): Promise<ClusterView> {
    const [{ nodes, owners: claimed, version, targets }] = (await queryCluster<RawView>(this.pool, VIEW)) as [RawView];
    const owners: ShardOwner[] = Array.from({ length: this.shards }, (_, shard) => ({ shard, epoch: 0, owner: null }));
    for (const [shard, epoch, owner] of claimed) owners[shard] = { shard, epoch, owner };
    return { nodes, owners, placement: { version, targets } };
  }

  async place(seenVersion: number, targets: readonly (string | null)[]): Promise<boolean> {
    const rows = await queryCluster(
      this.pool,
      'UPDATE placement SET version = version + 1, targets = $2 WHERE version = $1 RETURNING version',
      [seenVersion, targets],
    );
    return rows.length === 1;
  }
}
