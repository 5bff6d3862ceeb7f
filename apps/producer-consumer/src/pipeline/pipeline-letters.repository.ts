import type { Pool } from 'pg';
import { queryStore } from '../store/store.repository.ts';
import type { PipelineName } from './pipeline.repository.ts';

/** An event that a pipeline gave up, because `attempts` consumers had crashed on it. */
export interface PipelineLetter {
  readonly id: number;
  readonly event: number;
  readonly attempts: number;
  readonly diedAt: Date;
  /** Whether a redrive was requested and has not ended yet. */
  readonly redriven: boolean;
}

/** The number and age of the dead letters of one pipeline. */
export interface PipelineLetterGroup extends PipelineName {
  readonly count: number;
  readonly firstDiedAt: Date;
  readonly lastDiedAt: Date;
}

const COLUMNS = 'id::float8 AS id, event::float8 AS event, attempts, died_at AS "diedAt", redriven_at IS NOT NULL AS redriven';
const MATCHES = 'tenant = $1 AND pipeline = $2 AND ($3::bigint[] IS NULL OR id = ANY ($3))';

/**
 * Stores the dead letters of pipelines in PostgreSQL. Every method throws `StoreFailure.unavailable`.
 *
 * Dead letters of consumers of topics are a different kind, in `@aisle/events`: each has a position in a topic, which these do not.
 */
export class PipelineLetters {
  constructor(private readonly pool: Pool) {}

  async bury({ tenant, name }: PipelineName, event: number, attempts: number): Promise<void> {
    const sql = 'INSERT INTO pipeline_letter (tenant, pipeline, event, attempts) VALUES ($1, $2, $3, $4)';
    await queryStore(this.pool, sql, [tenant, name, event, attempts]);
  }

  /** A page of dead letters, oldest first. `afterId` is the id of the last letter of the previous page. */
  list({ tenant, name }: PipelineName, limit = 100, afterId = 0): Promise<PipelineLetter[]> {
    const sql = `SELECT ${COLUMNS} FROM pipeline_letter WHERE tenant = $1 AND pipeline = $2 AND id > $3 ORDER BY id LIMIT $4`;
    return queryStore<PipelineLetter & Record<string, unknown>>(this.pool, sql, [tenant, name, afterId, limit]);
  }

  /** One group per pipeline of a tenant, the largest first. */
  groups(tenant: string): Promise<PipelineLetterGroup[]> {
    const sql = `
      SELECT tenant, pipeline AS name, count(*)::int AS count, min(died_at) AS "firstDiedAt", max(died_at) AS "lastDiedAt"
      FROM pipeline_letter WHERE tenant = $1 GROUP BY tenant, pipeline ORDER BY count(*) DESC, pipeline`;
    return queryStore<PipelineLetterGroup & Record<string, unknown>>(this.pool, sql, [tenant]);
  }

  /** Marks letters to be redriven, all unless ids are given. Resolves with those that were not marked before. */
  redrive({ tenant, name }: PipelineName, ids?: readonly number[]): Promise<PipelineLetter[]> {
    const sql = `UPDATE pipeline_letter SET redriven_at = now() WHERE ${MATCHES} AND redriven_at IS NULL RETURNING ${COLUMNS}`;
    return queryStore<PipelineLetter & Record<string, unknown>>(this.pool, sql, [tenant, name, ids ?? null]);
  }

  /** Letters that are marked and not done, because the process that redrove them was killed. */
  redriven({ tenant, name }: PipelineName): Promise<PipelineLetter[]> {
    const sql = `SELECT ${COLUMNS} FROM pipeline_letter WHERE tenant = $1 AND pipeline = $2 AND redriven_at IS NOT NULL ORDER BY id`;
    return queryStore<PipelineLetter & Record<string, unknown>>(this.pool, sql, [tenant, name]);
  }

  /** Deletes letters, all unless ids are given. Resolves with their number. */
  async discard({ tenant, name }: PipelineName, ids?: readonly number[]): Promise<number> {
    const sql = `DELETE FROM pipeline_letter WHERE ${MATCHES} RETURNING 1 AS gone`;
    return (await queryStore(this.pool, sql, [tenant, name, ids ?? null])).length;
  }
}
