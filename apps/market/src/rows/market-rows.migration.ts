import { appRole, maintenanceRole, type MigrationClass } from '@aisle/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { announceMarketsFunction, marketRowsFunction } from './market-rows-function.migration.ts';

/**
 * Markets, products, lots, reservations and movements. Only a trigger on the journal writes these rows, in the same commit,
 * as the maintenance role. The app's role reads them.
 */
class MarketRows1795392000000 implements MigrationInterface {
  readonly name = 'MarketRows1795392000000';

  async up(runner: QueryRunner): Promise<void> {
    const rows = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as [{ schema: string }];
    const { schema } = rows[0];
    await runner.query(TABLES);
    await runner.query(marketRowsFunction(schema));
    await runner.query(grants(schema, await appRole(runner)));
    await runner.query(`
      CREATE TRIGGER market_rows AFTER INSERT ON journal REFERENCING NEW TABLE AS inserted
      FOR EACH STATEMENT EXECUTE FUNCTION market_rows()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER market_rows ON journal;
      DROP FUNCTION market_rows;
      DROP TABLE movement, reservation, lot, product, market`);
  }
}

/** Adds `announce_markets()`, from which a lost projection can be rebuilt. */
class MarketAnnouncement1795710000000 implements MigrationInterface {
  readonly name = 'MarketAnnouncement1795710000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(announceMarketsFunction);
    await runner.query('REVOKE EXECUTE ON FUNCTION announce_markets FROM PUBLIC');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION announce_markets');
  }
}

/** The market's own migrations, which run after those of the journal and the outbox. */
export const marketRowsMigrations: readonly MigrationClass[] = [MarketRows1795392000000, MarketAnnouncement1795710000000];

// No foreign keys: one actor writes all rows of a market, and each key would cost every sale a look-up.
const TABLES = `
  CREATE TABLE market (
    tenant           text NOT NULL,
    id               text NOT NULL,
    shard            int NOT NULL,
    actor            text NOT NULL UNIQUE,
    -- The last command of its actor that these rows show, and the last event.
    seq              bigint NOT NULL,
    revision         bigint NOT NULL,
    currency         text NOT NULL,
    rounding         text NOT NULL,
    low_stock        int NOT NULL,
    near_expiry_days int NOT NULL,
    version          int NOT NULL,
    PRIMARY KEY (tenant, id)
  ) WITH (fillfactor = 20);

  CREATE TABLE product (
    tenant      text NOT NULL,
    market      text NOT NULL,
    sku         text NOT NULL,
    name        text NOT NULL,
    description text,
    category    text,
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    deleted     boolean NOT NULL,
    version     int NOT NULL,
    revision    bigint NOT NULL,
    on_hand     int NOT NULL,
    reserved    int NOT NULL,
    PRIMARY KEY (tenant, market, sku),
    CONSTRAINT product_stock CHECK (0 <= reserved AND reserved <= on_hand)
  ) WITH (fillfactor = 70);

  CREATE TABLE lot (
    tenant     text NOT NULL,
    market     text NOT NULL,
    sku        text NOT NULL,
    lot        text NOT NULL,
    expires_on date,
    quantity   int NOT NULL CHECK (quantity >= 0),
    -- It was said that it is near its day.
    warned     boolean NOT NULL,
    PRIMARY KEY (tenant, market, sku, lot)
  ) WITH (fillfactor = 70);
  CREATE INDEX lot_expires ON lot (expires_on) WHERE expires_on IS NOT NULL;

  CREATE TABLE reservation (
    tenant          text NOT NULL,
    market          text NOT NULL,
    order_id        text NOT NULL,
    standing        text NOT NULL CHECK (standing IN ('reserved', 'committed', 'fulfilled', 'released', 'rejected')),
    reason          text,
    lines           jsonb NOT NULL,
    missing         jsonb NOT NULL,
    expires_at      timestamptz NOT NULL,
    revision        bigint NOT NULL,
    -- Null while it holds stock.
    closed_revision bigint,
    PRIMARY KEY (tenant, market, order_id)
  );
  CREATE INDEX reservation_closed ON reservation (tenant, market, closed_revision);
  CREATE INDEX reservation_due ON reservation (expires_at) WHERE standing = 'reserved';

  CREATE TABLE movement (
    tenant   text NOT NULL,
    market   text NOT NULL,
    revision bigint NOT NULL,
    line     int NOT NULL,
    sku      text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('initial', 'received', 'returned', 'adjusted', 'fulfilled', 'written_off')),
    delta    int NOT NULL,
    on_hand  int NOT NULL,
    reserved int NOT NULL,
    lot      text NOT NULL,
    reason   text,
    order_id text,
    at       timestamptz NOT NULL,
    PRIMARY KEY (tenant, market, revision, line)
  );
  CREATE INDEX movement_sku ON movement (tenant, market, sku, revision, line)`;

// The owner of a function can change only while the new owner has the CREATE right on the schema.
function grants(schema: string, app: string): string {
  const tables = 'market, product, lot, reservation, movement';
  return `
    REVOKE INSERT, UPDATE, DELETE ON ${tables} FROM ${app};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO ${maintenanceRole};
    GRANT INSERT ON outbox TO ${maintenanceRole};
    GRANT CREATE ON SCHEMA ${schema} TO ${maintenanceRole};
    ALTER FUNCTION market_rows OWNER TO ${maintenanceRole};
    REVOKE CREATE ON SCHEMA ${schema} FROM ${maintenanceRole}`;
}
