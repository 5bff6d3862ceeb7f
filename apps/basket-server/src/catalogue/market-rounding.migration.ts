import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rounding of a market's amounts. Markets publish it once more, for the rows that exist already. */
export class MarketRounding1796000000300 implements MigrationInterface {
  readonly name = 'MarketRounding1796000000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE market ADD COLUMN rounding text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE market DROP COLUMN rounding');
  }
}
