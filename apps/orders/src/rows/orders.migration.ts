import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Orders with their lines, products and history. */
export class Orders1700000000100 implements MigrationInterface {
  readonly name = 'Orders1700000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE product (
        tenant   text NOT NULL,
        market   text NOT NULL,
        sku      text NOT NULL,
        name     text,
        revision bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant, market, sku)
      )`);
    await runner.query(`
      CREATE TABLE orders (
        tenant        text NOT NULL,
        id            text NOT NULL,
        market        text NOT NULL,
        basket        text,
        status        text NOT NULL
          CHECK (status IN ('PENDING', 'RESERVED', 'CONFIRMED', 'FULFILLED', 'REJECTED', 'CANCELLED')),
        reason        text CHECK (reason IN ('out_of_stock', 'expired', 'timeout')),
        step          text CHECK (step IN ('commit', 'time-out', 'cancel', 'fulfil')),
        due_at        timestamptz(3),
        currency      char(3) NOT NULL,
        total_minor   bigint NOT NULL,
        allow_partial boolean NOT NULL,
        payload_hash  text NOT NULL,
        traceparent   text NOT NULL,
        created_at    timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant, id),
        CHECK ((reason IS NOT NULL) = (status = 'REJECTED')),
        -- Whoever waits for something is found again.
        CHECK (step IS NULL AND status <> 'PENDING' OR due_at IS NOT NULL)
      )`);
    await runner.query('CREATE INDEX orders_latest ON orders (tenant, created_at, id)');
    await runner.query('CREATE INDEX orders_by_status ON orders (tenant, status, created_at, id)');
    await runner.query('CREATE INDEX orders_by_market ON orders (tenant, market, created_at, id)');
    await runner.query('CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL');
    await runner.query(`
      CREATE TABLE order_line (
        tenant           text NOT NULL,
        order_id         text NOT NULL,
        line             int NOT NULL,
        market           text NOT NULL,
        sku              text NOT NULL,
        quantity         int NOT NULL CHECK (quantity > 0),
        missing          int NOT NULL DEFAULT 0 CHECK (missing BETWEEN 0 AND quantity),
        unit_price_minor bigint NOT NULL,
        net_minor        bigint NOT NULL,
        PRIMARY KEY (tenant, order_id, line),
        FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id),
        FOREIGN KEY (tenant, market, sku) REFERENCES product (tenant, market, sku)
      )`);
    await runner.query(`
      CREATE TABLE order_history (
        tenant   text NOT NULL,
        order_id text NOT NULL,
        status   text NOT NULL,
        reason   text,
        at       timestamptz(3) NOT NULL,
        PRIMARY KEY (tenant, order_id, status),
        FOREIGN KEY (tenant, order_id) REFERENCES orders (tenant, id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE order_history, order_line, orders, product');
  }
}
