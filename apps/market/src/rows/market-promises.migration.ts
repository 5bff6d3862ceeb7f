import type { MigrationInterface, QueryRunner } from 'typeorm';
import { announcementFunction, promisesFunction } from './market-promises-function.migration.ts';
import { announceMarketsFunction, marketRowsFunction } from './market-rows-function.migration.ts';

/**
 * Adds columns for promises that good units do not cover, and for lots that were reassessed after expiry. Events of markets
 * contain their rounding, so existing markets are published once more.
 */
export class MarketPromises1796000000100 implements MigrationInterface {
  readonly name = 'MarketPromises1796000000100';

  async up(runner: QueryRunner): Promise<void> {
    const rows = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];
    await runner.query(`
      ALTER TABLE lot ADD COLUMN lapsed boolean NOT NULL DEFAULT false;
      ALTER TABLE reservation ADD COLUMN at_risk jsonb NOT NULL DEFAULT '[]'`);
    await runner.query(promisesFunction(rows[0].schema));
    await runner.query(announcementFunction);
    await runner.query(`
      INSERT INTO outbox (topic, key, type, tenant, data)
      SELECT 'markets', tenant || '/' || id, 'MarketChanged', tenant,
        json_build_object('market', id, 'currency', currency, 'rounding', rounding, 'revision', revision)
      FROM market ORDER BY tenant, id`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const rows = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];
    for (const before of [marketRowsFunction(rows[0].schema), announceMarketsFunction]) {
      await runner.query(before.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'));
    }
    await runner.query('ALTER TABLE lot DROP COLUMN lapsed; ALTER TABLE reservation DROP COLUMN at_risk');
  }
}
