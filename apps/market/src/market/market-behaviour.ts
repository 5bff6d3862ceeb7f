import { MARKET_LIMITS, isFulfilled, type DocumentReply, type ImportReply, type ReserveReply, type StockReply } from '@aisle/contracts';
import type { Behaviour } from '@aisle/journal';
import { adjust, changeProduct, createProduct, deleteProduct, importProducts, replaceProduct } from '../product/product-commands.ts';
import { age, askedOrder, expire } from '../stock/stock-commands.ts';
import type { Command } from './command.ts';
import { Draft } from './draft.ts';
import { MarketFailure } from './market-failures.ts';
import type { MarketEvent } from './market-event.ts';
import { marketView } from './market-view.ts';
import { emptyMarket, evolve, type Market } from './market.ts';
import type { Settings } from './settings.ts';

/** What a command answers, the first time and ever after: a document, or what became of an order's stock. */
export type Outcome = DocumentReply | ImportReply | ReserveReply | StockReply | undefined;

/**
 * A market, as the journal runs it. Its rows in the database are written with each of its events, so they are its
 * snapshot: nothing of it is saved besides, and `MarketRows` restores it.
 */
export const marketBehaviour: Behaviour<Market, Command, MarketEvent, Outcome> = {
  initial: emptyMarket,
  decide(market, command) {
    const draft = new Draft(market, command.occasion);
    const outcome = outcomeOf(market, command, draft);
    if (draft.newProducts > 0 && market.products.size + draft.newProducts > MARKET_LIMITS.productsPerMarket) {
      throw MarketFailure.full(MARKET_LIMITS.productsPerMarket);
    }
    const event = draft.event();
    return { events: event ? [event] : [], outcome };
  },
  evolve,
  schemaVersion: 1,
  save: () => null,
  restore: () => {
    throw new Error('a market is restored from its rows');
  },
};

function outcomeOf(market: Market, command: Command, draft: Draft): Outcome {
  const { action } = command;
  const makesMarket = action.kind === 'configure' || action.kind === 'create' || action.kind === 'replace' || action.kind === 'import';
  if (!market.settings && !makesMarket) throw MarketFailure.unknown(command.occasion.market);
  switch (action.kind) {
    case 'configure':
      return configure(market, command, action, draft);
    case 'create':
      return createProduct(market, command, action, draft);
    case 'replace':
      return replaceProduct(market, command, action, draft);
    case 'change':
      return changeProduct(market, command, action, draft);
    case 'delete':
      return deleteProduct(market, action, draft);
    case 'import':
      return importProducts(market, command, action, draft);
    case 'adjust':
      return adjust(market, command, action, draft);
    case 'reserve':
    case 'commit':
    case 'release':
    case 'fulfil':
      return askedOrder(market, command, action, draft);
    case 'expire':
      return expire(market, command, action, draft);
    case 'age':
      return age(market, command, action, draft);
  }
}

function configure(
  market: Market,
  { occasion, defaults }: Command,
  action: Extract<Command['action'], { kind: 'configure' }>,
  draft: Draft,
): DocumentReply {
  const before = market.settings;
  if (!isFulfilled(action, before?.version)) throw MarketFailure.changed(action, before?.version);
  const { version, ...kept } = before ?? defaults;
  const { currency = kept.currency, rounding = kept.rounding, thresholds } = action.edit;
  if (before && currency !== before.currency && market.products.size > 0) throw MarketFailure.currencyFixed(before.currency);
  const { lowStock = kept.lowStock, nearExpiryDays = kept.nearExpiryDays } = thresholds ?? {};
  const wanted = { currency, rounding, lowStock, nearExpiryDays };
  const isSame = before !== undefined && (Object.keys(wanted) as (keyof typeof wanted)[]).every((key) => wanted[key] === before[key]);
  const settings: Settings = isSame ? before : { ...wanted, version: before ? version + 1 : 1 };
  draft.settings = settings;
  const json = JSON.stringify(marketView(occasion.market, settings));
  return { json, version: settings.version, ...(before ? {} : { created: true }) };
}
