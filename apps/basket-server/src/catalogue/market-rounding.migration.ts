import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a market rounds amounts. Markets tell it once more for the rows that are there. */
export class MarketRounding1796000000300 implements MigrationInterface {
  readonly name = 'MarketRounding1796000000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE market ADD COLUMN rounding text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE market DROP COLUMN rounding');
  }
}
