import { MARKET_LIMITS, isFulfilled, type DocumentReply, type ImportReply, type MarketTerms, type ReserveReply, type StockReply } from '@aisle/contracts';
import type { Behaviour } from '@aisle/journal';
import { adjust, changeProduct, createProduct, deleteProduct, importProducts, replaceProduct } from '../product/product-commands.ts';
import { age, actOnOrder, expire } from '../stock/stock-commands.ts';
import type { Command } from './command.ts';
import { Draft } from './draft.ts';
import { MarketFailure } from './market-failures.ts';
import type { MarketEvent } from './market-event.ts';
import { marketView } from './market-view.ts';
import { emptyMarket, evolve, type Market } from './market.ts';
import { fieldsAfter, isSameField } from './named-fields.ts';
import { TERM_NAMES, businessDay, type Settings } from './settings.ts';
import { requireRates } from './tax-coverage.ts';

/** The stored answer of a command, which a repetition gets as well: a document, or the result of an order's action. */
export type MarketOutcome = DocumentReply | ImportReply | ReserveReply | StockReply | undefined;

/**
 * The rules of a market in the form that the journal runs. A market's rows are written in the commit of each event, so they
 * are its snapshot. No other snapshot is saved, and `MarketRows` restores the market.
 */
export const marketBehaviour: Behaviour<Market, Command, MarketEvent, MarketOutcome> = {
  initial: emptyMarket,
  decide(market, given) {
    const command = inShopTime(market, given);
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
    throw new Error('a market has no snapshot; it must be restored from its rows');
  },
};

function outcomeOf(market: Market, command: Command, draft: Draft): MarketOutcome {
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
      return actOnOrder(market, command, action, draft);
    case 'expire':
      return expire(market, command, action, draft);
    case 'age':
      return age(market, command, action, draft);
  }
}

const TERMS_AND_SETTINGS = ['currency', 'rounding', 'lowStock', 'nearExpiryDays', 'terms'] as const;

/** The command on the market's business day. Occasions have the day of UTC, since they are made before the market is known. */
function inShopTime({ settings }: Market, command: Command): Command {
  const { occasion } = command;
  const today = businessDay(settings, occasion.now.nowMs, occasion.now.today);
  return today === occasion.now.today ? command : { ...command, occasion: { ...occasion, now: { ...occasion.now, today } } };
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
  const { currency = kept.currency, rounding = kept.rounding, thresholds, ...changes } = action.edit;
  if (before && currency !== before.currency && market.products.size > 0) throw MarketFailure.currencyFixed(before.currency);
  const { lowStock = kept.lowStock, nearExpiryDays = kept.nearExpiryDays } = thresholds ?? {};
  const terms = fieldsAfter<MarketTerms>(TERM_NAMES, kept.terms ?? {}, changes);
  if (!isSameField(terms.tax, kept.terms?.tax)) requireRates(terms, market.products.values(), occasion.now.today);
  const wanted = { currency, rounding, lowStock, nearExpiryDays, ...(Object.keys(terms).length === 0 ? {} : { terms }) };
  const isSame = before !== undefined && TERMS_AND_SETTINGS.every((key) => isSameField(wanted[key], before[key]));
  const settings: Settings = isSame ? before : { ...wanted, version: before ? version + 1 : 1 };
  draft.settings = settings;
  const json = JSON.stringify(marketView(occasion.market, settings));
  return { json, version: settings.version, ...(before ? {} : { created: true }) };
}
