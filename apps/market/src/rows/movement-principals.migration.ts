import type { MigrationInterface, QueryRunner } from 'typeorm';
import { amended, factsFunction } from './market-facts-function.migration.ts';
import { schemaOf } from './market-facts.migration.ts';

/** Adds the principal of a movement to its row, and that of an event to the outbox. Empty for the system's own, and for older rows. */
export class MovementPrincipals1796800000100 implements MigrationInterface {
  readonly name = 'MovementPrincipals1796800000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE movement ADD COLUMN by text NOT NULL DEFAULT ''");
    await runner.query(principalsFunction(await schemaOf(runner)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(factsFunction(await schemaOf(runner)));
    await runner.query('ALTER TABLE movement DROP COLUMN by');
  }
}

const BY = "coalesce(event->>'by', '')";

/** As `factsFunction`, with the principal of each event. */
function principalsFunction(schema: string): string {
  return amended(factsFunction(schema), [
    ["event->>'trace' AS trace, given\n", `event->>'trace' AS trace, ${BY} AS by, given\n`],
    ['lot, reason, order_id, at)\n', 'lot, reason, order_id, at, by)\n'],
    ["given->>'orderId', at\n    FROM moving", "given->>'orderId', at, by\n    FROM moving"],
    ['line, type, at, trace, data) AS (', 'line, type, at, trace, by, data) AS ('],
    ["'MarketChanged', at, event->>'trace',", `'MarketChanged', at, event->>'trace', ${BY},`],
    ["'ProductChanged', at, event->>'trace',", `'ProductChanged', at, event->>'trace', ${BY},`],
    ["'StockMoved', at, trace,", "'StockMoved', at, trace, by,"],
    ["given->>'type', at, event->>'trace', (given", `given->>'type', at, event->>'trace', ${BY}, (given`],
    ['(topic, key, type, tenant, id, at, traceparent, data)', '(topic, key, type, tenant, id, at, traceparent, by, data)'],
    ["coalesce(trace, ''), data\n", "coalesce(trace, ''), by, data\n"],
  ]);
}
