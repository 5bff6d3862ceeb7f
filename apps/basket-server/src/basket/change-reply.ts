import type { AbsorbReply, DocumentReply } from '@aisle/contracts';
import type { Reply } from '@aisle/journal';
import type { Outcome } from './basket-behaviour.ts';
import { basketView } from './basket-view.ts';
import type { Basket, PlacedOrder } from './basket.ts';
import type { Command } from './command.ts';
import type { Pricer } from '../pricing/pricer.ts';

/** The answer to a command; a checkout's has the order that it made. */
export interface ChangeReply extends AbsorbReply {
  readonly order?: PlacedOrder;
}

/** What a command's sender is told: the basket as the command left it, whatever came since. */
export function changeReply(
  id: string,
  { pricer, step }: Command,
  { state: basket, outcome, replayed }: Reply<Basket, Outcome>,
): ChangeReply {
  const { standing } = basket;
  return {
    ...documentOf(id, pricer, basket),
    ...(outcome === 'created' ? { created: true } : (outcome ?? {})),
    ...(replayed ? { replayed } : {}),
    ...(step?.kind === 'checkout' && standing.is === 'open' && standing.order ? { order: standing.order } : {}),
  };
}

/** From this many lines on, a document costs milliseconds: it is kept as long as the basket is as it shows it. */
const KEPT_FROM_LINES = 100;
const kept = new WeakMap<Basket, string>();

/** The basket's document as text, made here and parsed by nobody on the way. */
export function documentOf(id: string, { market }: Pricer, basket: Basket): DocumentReply {
  const json = kept.get(basket) ?? JSON.stringify(basketView(id, market.id, market.currency, basket));
  if (basket.lines.size >= KEPT_FROM_LINES) kept.set(basket, json);
  return { json, version: basket.version };
}
