import type { Pool } from 'pg';

/** A row of a running process. The beat is opaque: it only matters that it moves. */
export interface NodeLeaseRow {
  readonly incarnation: string;
  readonly queue: string;
  readonly beat: string;
}

/** The node leases of one shard group, in the group's schema. */
export class NodeLeaseRepository {
  constructor(private readonly pool: Pool) {}

  /** Enters the node, or moves its beat. */
  async beat(incarnation: string, queue: string): Promise<void> {
    await this.pool.query(
      `INSERT INTO node_lease (incarnation, queue) VALUES ($1, $2)
       ON CONFLICT (incarnation) DO UPDATE SET beat = node_lease.beat + 1`,
      [incarnation, queue],
    );
  }

  /** Idempotent. */
  async remove(incarnation: string): Promise<void> {
    await this.pool.query('DELETE FROM node_lease WHERE incarnation = $1', [incarnation]);
  }

  async all(): Promise<readonly NodeLeaseRow[]> {
    const { rows } = await this.pool.query<NodeLeaseRow>(
      'SELECT incarnation, queue, beat FROM node_lease ORDER BY incarnation',
    );
    return rows;
  }
}
