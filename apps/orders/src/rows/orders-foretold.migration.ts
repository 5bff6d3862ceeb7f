import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Gives PostgreSQL statistics of orders before the first one exists: sample rows are inserted, analysed and deleted in one
 * transaction. Without statistics PostgreSQL considers every index that begins with the tenant as good as the primary key.
 * A connection keeps such a plan, and then each check of a foreign key reads all orders of the tenant.
 */
export class OrdersForetold1795700000000 implements MigrationInterface {
  readonly name = 'OrdersForetold1795700000000';

  async up(runner: QueryRunner): Promise<void> {
    const [{ present }] = (await runner.query('SELECT EXISTS (SELECT FROM orders) AS present')) as [{ present: boolean }];
    if (!present) await runner.query(SOME_ORDERS);
    await runner.query('ANALYZE orders');
    if (!present) await runner.query('DELETE FROM orders');
  }

  /** Nothing to undo: the statistics belong to the table. */
  async down(): Promise<void> {}
}

const SOME_ORDERS = `
  INSERT INTO orders (tenant, id, market, status, currency, total_minor, allow_partial, payload_hash, traceparent,
    created_at, due_at)
  SELECT 'default', gen_random_uuid()::text, 'market-' || n % 20, CASE WHEN n % 10 = 0 THEN 'PENDING' ELSE 'CONFIRMED' END,
    'GBP', n, false, '', '', now() - n * interval '1 minute', CASE WHEN n % 10 = 0 THEN now() END
  FROM generate_series(1, 1000) AS n`;
