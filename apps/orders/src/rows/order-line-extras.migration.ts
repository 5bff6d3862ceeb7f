import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The choices of a line besides its quantity, by name, so a further choice needs no column of its own. Null if there is none, as
 * in all older rows.
 */
export class OrderLineExtras1796600000000 implements MigrationInterface {
  readonly name = 'OrderLineExtras1796600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE order_line ADD COLUMN extras json');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE order_line DROP COLUMN extras');
  }
}
