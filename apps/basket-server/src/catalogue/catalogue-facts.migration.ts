import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The facts of products and the terms of markets, by name. Null for a product or market that has none, as in all older rows. */
export class CatalogueFacts1796700000100 implements MigrationInterface {
  readonly name = 'CatalogueFacts1796700000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE product ADD COLUMN facts jsonb');
    await runner.query('ALTER TABLE market ADD COLUMN terms jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE product DROP COLUMN facts');
    await runner.query('ALTER TABLE market DROP COLUMN terms');
  }
}
