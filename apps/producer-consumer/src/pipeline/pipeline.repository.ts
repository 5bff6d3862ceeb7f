import type { PipelineSettings } from '@aisle/contracts';
import type { Pool } from 'pg';
import { queryStore } from '../store/store.repository.ts';

/** The tenant and the name of a pipeline. */
export interface PipelineName {
  readonly tenant: string;
  readonly name: string;
}

/** A pipeline in the store. */
export interface PipelineRecord {
  readonly settings: PipelineSettings;
  /** Whether the pipeline is started. It should run then, whichever process dies. */
  readonly running: boolean;
}

const REMOVALS_KEPT_MS = 24 * 60 * 60 * 1_000;
const REMOVE = `
  WITH old AS (DELETE FROM pipeline_removal WHERE at_ms < $5),
       letters AS (DELETE FROM pipeline_letter WHERE tenant = $1 AND pipeline = $2),
       gone AS (DELETE FROM pipeline WHERE tenant = $1 AND name = $2)
  INSERT INTO pipeline_removal (tenant, command_id, at_ms) VALUES ($1, $3, $4)
  ON CONFLICT (tenant, command_id) DO UPDATE SET at_ms = $4`;

/** Stores pipelines in PostgreSQL. Every method throws `StoreFailure.unavailable`. */
export class PipelineRepository {
  constructor(private readonly pool: Pool) {}

  /** Creates a stopped pipeline. Resolves with false if another command has created one of this name. */
  async create({ tenant, name }: PipelineName, settings: PipelineSettings, commandId: string): Promise<boolean> {
    const [row] = await queryStore<{ isOwn: boolean }>(
      this.pool,
      `INSERT INTO pipeline AS known (tenant, name, settings, command_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant, name) DO UPDATE SET command_id = known.command_id
       RETURNING command_id IS NOT DISTINCT FROM $4 AS "isOwn"`,
      [tenant, name, JSON.stringify(settings), commandId],
    );
    return row?.isOwn === true;
  }

  async find({ tenant, name }: PipelineName): Promise<PipelineRecord | undefined> {
    const [row] = await queryStore<PipelineRecord>(
      this.pool, 'SELECT settings, running FROM pipeline WHERE tenant = $1 AND name = $2', [tenant, name],
    );
    return row;
  }

  async save({ tenant, name }: PipelineName, { settings, running }: PipelineRecord): Promise<void> {
    await queryStore(
      this.pool,
      'UPDATE pipeline SET settings = $3, running = $4 WHERE tenant = $1 AND name = $2',
      [tenant, name, JSON.stringify(settings), running],
    );
  }

  /** A page of pipelines after a name, sorted by name. */
  list(tenant: string, after: string, limit: number): Promise<readonly (PipelineRecord & { readonly name: string })[]> {
    return queryStore<PipelineRecord & { name: string }>(
      this.pool,
      `SELECT name, settings, running FROM pipeline WHERE tenant = $1 AND name COLLATE "C" > $2 ORDER BY name COLLATE "C" LIMIT $3`,
      [tenant, after, limit],
    );
  }

  /** Deletes a pipeline and its dead letters, and remembers the command. */
  async remove({ tenant, name }: PipelineName, commandId: string, nowMs: number): Promise<void> {
    await queryStore(this.pool, REMOVE, [tenant, name, commandId, nowMs, nowMs - REMOVALS_KEPT_MS]);
  }

  /** Whether this command deleted a pipeline in the last day. */
  async wasRemovedBy(tenant: string, commandId: string): Promise<boolean> {
    const rows = await queryStore(this.pool, 'SELECT 1 FROM pipeline_removal WHERE tenant = $1 AND command_id = $2', [tenant, commandId]);
    return rows.length === 1;
  }

  /** The names of all started pipelines. */
  running(): Promise<readonly PipelineName[]> {
    return queryStore<PipelineName & Record<string, unknown>>(
      this.pool, 'SELECT tenant, name FROM pipeline WHERE running ORDER BY tenant, name', [],
    );
  }
}
