import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ledger of reservations, and the projection of the markets' stock. */
export class Inventory1700000000100 implements MigrationInterface {
  readonly name = 'Inventory1700000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_entry (
        tenant   text NOT NULL,
        order_id text NOT NULL,
        market   text NOT NULL,
        reason   text CHECK (reason IN ('out_of_stock', 'expired', 'released')),
        event_id text NOT NULL,
        at       timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant, order_id)
      );
      CREATE TABLE ledger_line (
        tenant   text NOT NULL,
        order_id text NOT NULL,
        sku      text NOT NULL,
        reserved int NOT NULL CHECK (reserved >= 0),
        missing  int NOT NULL CHECK (missing >= 0),
        PRIMARY KEY (tenant, order_id, sku),
        FOREIGN KEY (tenant, order_id) REFERENCES ledger_entry (tenant, order_id)
      );
      CREATE TABLE inventory (
        tenant     text NOT NULL,
        market     text NOT NULL,
        sku        text NOT NULL,
        on_hand    int NOT NULL CHECK (on_hand >= 0),
        reserved   int NOT NULL CHECK (reserved BETWEEN 0 AND on_hand),
        position   bigint NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant, market, sku)
      );
      CREATE TABLE stock_movement (
        tenant   text NOT NULL,
        market   text NOT NULL,
        id       text NOT NULL,
        sku      text NOT NULL,
        kind     text NOT NULL,
        delta    int NOT NULL,
        on_hand  int NOT NULL,
        reserved int NOT NULL,
        reason   text,
        order_id text,
        at       timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant, market, id),
        FOREIGN KEY (tenant, market, sku) REFERENCES inventory (tenant, market, sku)
      );
      CREATE INDEX stock_movement_of_product ON stock_movement (tenant, market, sku, at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE stock_movement, inventory, ledger_line, ledger_entry');
  }
}
