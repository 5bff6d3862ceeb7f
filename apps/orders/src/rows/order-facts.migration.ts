import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds columns for the facts of an order's price, missing units and promises at risk, and two more steps. The columns of
 * older rows stay null, and readers supply the values, so that no table is rewritten. The type is `json`, which keeps the
 * text, because rules write messages of any kind, and `jsonb` refuses some.
 */
export class OrderFacts1796000000200 implements MigrationInterface {
  readonly name = 'OrderFacts1796000000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE orders
        ADD COLUMN adjustments json,
        ADD COLUMN degraded boolean NOT NULL DEFAULT false,
        ADD COLUMN pricing json,
        ADD COLUMN missing json,
        ADD COLUMN ordered json,
        ADD COLUMN at_risk text[] NOT NULL DEFAULT '{}',
        DROP CONSTRAINT orders_step_check,
        ADD CONSTRAINT orders_step_check CHECK (step IN ('price', 'commit', 'time-out', 'cancel', 'fulfil', 'restore'))`);
    await runner.query(`
      ALTER TABLE order_line
        ADD COLUMN name text,
        ADD COLUMN category text,
        ADD COLUMN gross_minor bigint,
        ADD COLUMN adjustments json,
        ADD COLUMN share_minor bigint,
        ADD COLUMN degraded boolean NOT NULL DEFAULT false`);
    await runner.query(`CREATE INDEX orders_at_risk ON orders (tenant, created_at, id) WHERE at_risk <> '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE order_line DROP COLUMN name, DROP COLUMN category, DROP COLUMN gross_minor, DROP COLUMN adjustments,
        DROP COLUMN share_minor, DROP COLUMN degraded`);
    await runner.query(`
      ALTER TABLE orders DROP COLUMN adjustments, DROP COLUMN degraded, DROP COLUMN pricing, DROP COLUMN missing,
        DROP COLUMN ordered, DROP COLUMN at_risk, DROP CONSTRAINT orders_step_check,
        ADD CONSTRAINT orders_step_check CHECK (step IN ('commit', 'time-out', 'cancel', 'fulfil'))`);
  }
}
