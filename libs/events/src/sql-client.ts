/**
 * Runs a statement in the caller's transaction: a `pg` client, or a query runner, entity manager or data source of
 * TypeORM.
 */
export interface SqlClient {
  query(sql: string, values?: unknown[]): Promise<unknown>;
}

/** The rows of an answer, which `pg` wraps and TypeORM does not. */
export function rowsOf<R>(answer: unknown): readonly R[] {
  return Array.isArray(answer) ? (answer as R[]) : (answer as { rows: R[] }).rows;
}
