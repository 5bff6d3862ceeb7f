import { CONSUMER_MESSAGES, MARKET_MESSAGES, ORDER_MESSAGES, PIPELINE_MESSAGES, STRATEGY_MESSAGES } from '@aisle/contracts';

/** Messages whose answers are pages: large, and asked for by nobody who stands at a till. */
export const LISTS: ReadonlySet<string> = new Set([
  MARKET_MESSAGES.list, MARKET_MESSAGES.products, MARKET_MESSAGES.movements, MARKET_MESSAGES.alerts, MARKET_MESSAGES.reservations,
  ORDER_MESSAGES.list, CONSUMER_MESSAGES.list, CONSUMER_MESSAGES.read, STRATEGY_MESSAGES.list, STRATEGY_MESSAGES.audit,
  PIPELINE_MESSAGES.list,
]);
/** So many are under way at once; many answers that arrive together would hold up everybody else's. */
export const LISTS_AT_ONCE = 8;
