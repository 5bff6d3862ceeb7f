import type { AbsorbReply, DocumentReply } from '@aisle/contracts';
import type { Reply } from '@aisle/journal';
import type { BasketOutcome } from './basket-behaviour.ts';
import { basketView } from './basket-view.ts';
import type { Basket, CheckoutOrder } from './basket.ts';
import type { Command } from './command.ts';
import type { Pricer } from '../pricing/pricer.ts';

/** The answer to a command. After a checkout it contains the order. */
export interface ChangeReply extends AbsorbReply {
  readonly order?: CheckoutOrder;
}

/** The answer to a command: the basket as that command left it, even if later commands have changed it. */
export function changeReply(
  id: string,
  { pricer, step, minimal }: Command,
  { state: basket, outcome, replayed }: Reply<Basket, BasketOutcome>,
): ChangeReply {
  const { standing } = basket;
  return {
    ...(minimal && outcome !== 'created' ? { json: '', version: basket.version } : documentOf(id, pricer, basket)),
    ...(outcome === 'created' ? { created: true } : (outcome ?? {})),
    ...(replayed ? { replayed } : {}),
    ...(step?.kind === 'checkout' && standing.is === 'open' && standing.order ? { order: standing.order } : {}),
  };
}

/** A document of this many lines costs milliseconds, so it is cached for as long as the basket's state lives. */
const KEPT_FROM_LINES = 100;
const kept = new WeakMap<Basket, string>();

/** The basket's document as JSON text. No process on the way to the client parses it. */
export function documentOf(id: string, { market }: Pricer, basket: Basket): DocumentReply {
  const json = kept.get(basket) ?? JSON.stringify(basketView(id, market.id, market.currency, basket));
  if (basket.lines.size >= KEPT_FROM_LINES) kept.set(basket, json);
  return { json, version: basket.version };
}
