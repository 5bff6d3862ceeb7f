import type { MigrationInterface, QueryRunner } from 'typeorm';
import { announceFactsFunction, factsFunction } from './market-facts-function.migration.ts';
import { announcementFunction, promisesFunction } from './market-promises-function.migration.ts';

/** Adds the facts of products and the terms of markets, by name. Null for a product or market that has none, as in all older rows. */
export class MarketFacts1796700000000 implements MigrationInterface {
  readonly name = 'MarketFacts1796700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE product ADD COLUMN facts jsonb');
    await runner.query('ALTER TABLE market ADD COLUMN terms jsonb');
    await runner.query(factsFunction(await schemaOf(runner)));
    await runner.query(announceFactsFunction);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(promisesFunction(await schemaOf(runner)));
    await runner.query(announcementFunction);
    await runner.query('ALTER TABLE product DROP COLUMN facts');
    await runner.query('ALTER TABLE market DROP COLUMN terms');
  }
}

/** The present schema, quoted. */
export async function schemaOf(runner: QueryRunner): Promise<string> {
  const [row] = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];
  return row.schema;
}
