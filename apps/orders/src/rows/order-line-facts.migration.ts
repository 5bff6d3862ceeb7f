import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The facts of a line's product when it was ordered, by name, such as its unit. Null if there is none, as in all older rows. */
export class OrderLineFacts1796700000200 implements MigrationInterface {
  readonly name = 'OrderLineFacts1796700000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE order_line ADD COLUMN facts json');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE order_line DROP COLUMN facts');
  }
}
