import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds the opening of an order's basket, null for older orders and those without a basket, and who asked for what: the principal of an entry of the history, and of a request that waits for the market. Empty for the system's
 * own changes, and for older rows.
 */
export class OrderPrincipals1796800000200 implements MigrationInterface {
  readonly name = 'OrderPrincipals1796800000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE order_history ADD COLUMN by text NOT NULL DEFAULT ''");
    await runner.query("ALTER TABLE orders ADD COLUMN step_by text NOT NULL DEFAULT '', ADD COLUMN opening int");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE orders DROP COLUMN step_by, DROP COLUMN opening');
    await runner.query('ALTER TABLE order_history DROP COLUMN by');
  }
}
