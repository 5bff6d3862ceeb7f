import { createHash } from 'node:crypto';
import { actorKey, shardOf, type ImportReply } from '@aisle/contracts';
import { Activation, Journal, PostgresStorage, type Lease } from '@aisle/journal';
import type { AppSchema, SeedSize } from '@aisle/platform';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { payloadHashOf, type Action, type Command } from '../market/command.ts';
import type { MarketAnswer } from '../market/market.actor.ts';
import { marketBehaviour, type MarketOutcome } from '../market/market-behaviour.ts';
import type { MarketEvent } from '../market/market-event.ts';
import type { Market } from '../market/market.ts';
import { MarketRows } from '../rows/market-rows.repository.ts';
import { openRows } from '../rows/rows.repository.ts';
import { seedMarkets, type SeededMarket } from './seed-markets.ts';

const TENANT = 'default';
const LINES_PER_COMMAND = 500;
const DEFAULTS = { currency: 'GBP', rounding: 'half-up', lowStock: 5, nearExpiryDays: 3, version: 1 } as const;

/**
 * Creates the seed's markets by ordinary commands, so that rows, movements and events exist. A market that has all its
 * products is skipped. The seed owns a market's shard meanwhile, even if another process owned it.
 */
export const seed: NonNullable<AppSchema['seed']> = async ({ url, size, logger }) => {
  const incarnation = `seed-${uuidv7(runtime)}`;
  const connection = { url, schema: 'market', applicationName: incarnation };
  const { database } = await openRows({ ...connection, poolMax: 2 });
  const storage = new PostgresStorage({ ...connection, incarnation, runtime, lanes: 1 });
  const journal = new Journal({ storage, runtime });
  try {
    const rows = new MarketRows(database, url);
    const made = await seedAll(size, rows, journal);
    logger.info('markets seeded', { ...made });
  } finally {
    await journal.close();
    await database.destroy();
  }
};

async function seedAll(size: SeedSize, rows: MarketRows, journal: Journal): Promise<{ markets: number; products: number }> {
  const made = { markets: 0, products: 0 };
  for (const market of seedMarkets(size)) {
    if ((await rows.count({ tenant: TENANT, market: market.id })) >= market.lines.length) continue;
    made.markets += 1;
    made.products += await seedMarket(market, rows, journal);
  }
  return made;
}

async function seedMarket({ id, edit, lines }: SeededMarket, rows: MarketRows, journal: Journal): Promise<number> {
  const actor = actorKey(TENANT, id, id);
  const lease = await claimed(journal, shardOf('market', actor));
  const loadState = () => rows.load({ tenant: TENANT, market: id });
  const market = await Activation.load({ journal, lease, actor, behaviour: marketBehaviour, loadState });
  let products = 0;
  // The commands have fixed ids, so an interrupted seed does not repeat its finished commands.
  await run(market, id, { kind: 'configure', edit });
  for (let at = 0; at < lines.length; at += LINES_PER_COMMAND) {
    const { outcome } = await run(market, id, { kind: 'import', lines: lines.slice(at, at + LINES_PER_COMMAND) });
    products += (outcome as ImportReply).created;
  }
  await journal.release(lease);
  return products;
}

async function claimed(journal: Journal, shard: number): Promise<Lease> {
  for (;;) {
    const [owner] = await journal.owners([shard]);
    const lease = await journal.claim(shard, owner?.epoch ?? 0);
    if (lease) return lease;
  }
}

function run(market: Activation<Market, Command, MarketEvent, MarketOutcome>, id: string, action: Action): Promise<MarketAnswer> {
  const nowMs = runtime.clock.nowMs();
  const now = { nowMs, today: new Date(nowMs).toISOString().slice(0, 10) };
  const occasion = { tenant: TENANT, market: id, now, by: 'seed', traceparent: '' };
  const payloadHash = payloadHashOf(action);
  const commandId = `seed-${createHash('sha256').update(payloadHash).update(id).digest('base64url')}`;
  return market.submit({ id: commandId, payloadHash, command: { id: commandId, action, occasion, defaults: DEFAULTS } });
}
