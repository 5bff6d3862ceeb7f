import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The facts of products by name, such as their units. Null for a product that has none, as in all older rows. */
export class CatalogueFacts1796700000100 implements MigrationInterface {
  readonly name = 'CatalogueFacts1796700000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE product ADD COLUMN facts jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE product DROP COLUMN facts');
  }
}
