import type { Behaviour } from '@aisle/journal';
import type { Failure } from '@aisle/std';
import { BasketExists, BasketMissing, PlanOutdated, VersionMismatch } from './basket-failures.ts';
import { emptyBasket, evolve, targetQuantities, type Basket, type Line } from './basket.ts';
import type { Command } from './command.ts';
import { eventOf, storedEvent, type StoredEvent } from './stored-event.ts';

/** What a product's process said of its line: the price, or why there is none. */
export type Priced = { readonly quantity: number; readonly line: Line } | { readonly failure: Failure };

/** A command with the lines that it needs, priced beforehand: deciding asks nobody. */
export interface PlannedCommand extends Command {
  readonly priced: ReadonlyMap<string, Priced>;
}

/** What is kept of an answer beside the state: whether the command made the basket. */
export type Outcome = 'created' | undefined;

type Saved = [version: number, basket: StoredEvent];

/** A basket, as the journal runs it. */
export const basketBehaviour: Behaviour<Basket, PlannedCommand, StoredEvent, Outcome> = {
  initial: emptyBasket,
  decide,
  evolve: (basket, stored) => evolve(basket, eventOf(stored)),
  schemaVersion: 1,
  // A snapshot is the event that makes the basket from nothing.
  save: (basket): Saved => [
    basket.version,
    storedEvent({
      ...basket,
      type: 'changed',
      lines: [...basket.lines.values()],
      removed: [],
      atMs: basket.updatedAtMs,
    }),
  ],
  restore(saved) {
    const [version, stored] = saved as Saved;
    return { ...evolve(emptyBasket, eventOf(stored)), version };
  },
};

function decide(basket: Basket, command: PlannedCommand): { events: [StoredEvent]; outcome: Outcome } {
  const { operations, ifMatch, opens, pricer, priced } = command;
  const exists = basket.version > 0;
  if (ifMatch !== undefined && ifMatch !== basket.version) throw new VersionMismatch(ifMatch, basket.version);
  if (opens && exists) throw new BasketExists();
  if (!exists && !opens && !operations.some(({ op }) => op === 'add' || op === 'set')) throw new BasketMissing();

  const wanted = pricer.wanted(basket, targetQuantities(basket, operations));
  const lines: Line[] = [];
  for (const [sku, quantity] of wanted) {
    if (quantity > 0) lines.push(lineOf(priced.get(sku), quantity));
  }
  const event = pricer.change(basket, wanted, lines);
  return { events: [storedEvent(event)], outcome: exists ? undefined : 'created' };
}

function lineOf(priced: Priced | undefined, quantity: number): Line {
  if (priced && 'failure' in priced) throw priced.failure;
  // The basket is not what it was when the lines were priced: a refusal took its state back.
  if (!priced || priced.quantity !== quantity) throw new PlanOutdated();
  return priced.line;
}
