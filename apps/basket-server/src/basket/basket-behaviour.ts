import { isFulfilled, type Precondition } from '@aisle/contracts';
import type { Behaviour } from '@aisle/journal';
import { assert, isFailure, type Failure, type FailureFacts } from '@aisle/std';
import { BasketFailure } from './basket-failures.ts';
import type { BasketChanged, BasketEvent } from './basket-event.ts';
import { emptyBasket, evolve, isSameChoice, linesAfter, restoration, type Basket, type Choice, type Line } from './basket.ts';
import type { Notice } from './notice.ts';
import { withEarlier } from '../pricing/price-notices.ts';
import { wantedBy, type Command, type Step } from './command.ts';
import { SCHEMA_VERSION, basketOf, eventOf, savedBasket, storedEvent, type StoredEvent } from './stored-event.ts';

/** What a product's process said of its line: the price, or why there is none. */
export type Priced = { readonly choice: Choice; readonly line: Line } | { readonly failure: Failure };

/** A command with the lines that it needs, priced beforehand: deciding asks nobody. */
export interface PlannedCommand extends Command {
  readonly priced: ReadonlyMap<string, Priced>;
  /** Changes of the basket's prices that no command made since it was priced. */
  readonly notices?: readonly Notice[];
}

/** What is kept of an answer beside the state: whether the command made the basket, or why it took nothing in. */
export type Outcome = 'created' | { readonly declined: FailureFacts } | undefined;

interface Decided {
  readonly events: readonly [StoredEvent];
  readonly outcome: Outcome;
}

/** A basket, as the journal runs it. */
export const basketBehaviour: Behaviour<Basket, PlannedCommand, StoredEvent, Outcome> = {
  initial: emptyBasket,
  decide: (basket, command) => {
    const { step } = command;
    return step ? decideStep(basket, command, step) : decideChange(basket, command);
  },
  evolve: (basket, stored) => evolve(basket, eventOf(stored)),
  schemaVersion: SCHEMA_VERSION,
  save: savedBasket,
  restore: basketOf,
};

function decideChange(basket: Basket, command: PlannedCommand): Decided {
  const { operations, opens } = command;
  refuseWhenClosed(basket);
  const exists = basket.standing.is === 'open';
  const makes = opens || operations.some(({ op }) => op === 'add' || op === 'set');
  if (!exists && !makes) throw basket.standing.is === 'expired' ? BasketFailure.expired() : BasketFailure.missing();
  checkPrecondition(basket, command);
  if (opens && exists) throw BasketFailure.exists();
  return decided(changeOf(basket, command), exists ? undefined : 'created');
}

function decideStep(basket: Basket, command: PlannedCommand, step: Step): Decided {
  const beside = { atMs: command.pricer.nowMs, totalMinor: basket.totalMinor };
  const { standing } = basket;
  switch (step.kind) {
    case 'seal': {
      refuseUnlessOpen(basket);
      const { mergeId, into, mode, ifMatch, ifNoneMatch } = step;
      return decided({ type: 'sealed', ...beside, merge: { mergeId, into, mode, ifMatch, ifNoneMatch } });
    }
    case 'unseal':
    case 'close': {
      const merge = standing.is === 'sealed' ? standing.merge : undefined;
      assert(merge?.mergeId === step.mergeId, 'only the merge that sealed a basket ends it, and once');
      const type = step.kind === 'close' ? 'merged' : 'unsealed';
      const totalMinor = step.kind === 'close' ? 0 : beside.totalMinor;
      return decided({ type, ...beside, totalMinor, other: merge.into });
    }
    case 'absorb':
      return absorb(basket, command, step);
    case 'checkout':
      return checkOut(basket, command, step);
    case 'reprice':
      if (standing.is !== 'open') throw BasketFailure.planOutdated();
      return decided({ type: 'repriced', change: changeOf(basket, command) });
    case 'restore':
      return restore(basket, command, step);
    case 'expire':
      checkPrecondition(basket, command);
      if (standing.is !== 'open' || basket.lines.size === 0) throw BasketFailure.nothingToExpire();
      return decided({ type: 'expired', ...beside, totalMinor: 0 });
  }
}

/**
 * Takes the lines in, or declines them for good. Declining is an event too, because the other basket is
 * opened again upon it: a copy of this command that is still on its way must not take the lines after all.
 */
function absorb(basket: Basket, command: PlannedCommand, { from }: Extract<Step, { kind: 'absorb' }>): Decided {
  if (basket.absorbed.includes(command.id)) throw BasketFailure.exists();
  const { standing } = basket;
  try {
    if (standing.is === 'sealed') throw BasketFailure.targetMerging(standing.merge.into);
    refuseWhenClosed(basket);
    checkPrecondition(basket, command);
    const absorbed = { type: 'absorbed', mergeId: command.id, from, change: changeOf(basket, command) } as const;
    return decided(absorbed, standing.is === 'open' ? undefined : 'created');
  } catch (refusal) {
    if (!isFailure(refusal) || refusal.kind === 'unavailable') throw refusal;
    const { kind, code, message, details } = refusal;
    const beside = { atMs: command.pricer.nowMs, totalMinor: basket.totalMinor };
    return decided({ type: 'declined', ...beside, other: from }, { declined: { kind, code, message, details } });
  }
}

/** Everything as it stands under the prices in force becomes an order, unless the caller was told another total. */
function checkOut(
  basket: Basket, command: PlannedCommand, { orderId, total }: Extract<Step, { kind: 'checkout' }>,
): Decided {
  refuseUnlessOpen(basket);
  checkPrecondition(basket, command);
  if (basket.lines.size === 0) throw BasketFailure.empty();
  const { wanted, lines } = planOf(basket, command);
  const ordered = [...linesAfter(basket, wanted, lines).values()];
  const gone = ordered.filter(({ unavailable }) => unavailable).map(({ sku }) => sku);
  if (gone.length > 0) throw BasketFailure.productsUnavailable(gone);
  const { change, sharesMinor } = command.pricer.order(basket, wanted, lines);
  const { totalMinor } = change;
  const { currency } = command.pricer.market;
  if (total && (total.amount !== totalMinor || total.currency !== currency)) {
    throw BasketFailure.totalChanged({ amount: totalMinor, currency });
  }
  return decided({ type: 'checkedOut', orderId, change, sharesMinor });
}

/** The lines of a rejected order come back, with word of those that do not fit. An expired basket begins again. */
function restore(basket: Basket, command: PlannedCommand, step: Extract<Step, { kind: 'restore' }>): Decided {
  refuseWhenClosed(basket);
  const { orderId, reason, missing, lines } = step;
  const { lost } = restoration(basket, lines, (sku) => command.pricer.sells(sku));
  const change = changeOf(basket, command);
  const notice: Notice = { code: 'orderReturned', orderId, reason, missing, lost };
  const notices = withEarlier(change.notices, [notice]);
  return decided({ type: 'restored', orderId, change: { ...change, notices } }, basket.standing.is === 'open' ? undefined : 'created');
}

function changeOf(basket: Basket, command: PlannedCommand): BasketChanged {
  const { wanted, lines } = planOf(basket, command);
  return command.pricer.change(basket, wanted, lines, toldBy(basket, command));
}

/** A change takes away what another one has told; what the shopper did not do takes nothing away. */
function toldBy(basket: Basket, { step, notices = [] }: PlannedCommand): readonly Notice[] {
  const keepsEarlier = basket.noticesAreNew || step?.kind === 'reprice' || step?.kind === 'restore';
  return keepsEarlier ? withEarlier(basket.notices, notices) : notices;
}

/** What a command takes the basket to, of the lines that were priced for it. Throws as deciding does. */
export function planOf(
  basket: Basket,
  command: PlannedCommand,
): { wanted: ReadonlyMap<string, Choice>; lines: readonly Line[] } {
  const wanted = wantedBy(basket, command);
  const lines: Line[] = [];
  for (const [sku, choice] of wanted) {
    if (choice.quantity > 0) lines.push(lineOf(command.priced.get(sku), choice));
  }
  return { wanted, lines };
}

function lineOf(priced: Priced | undefined, choice: Choice): Line {
  if (priced && 'failure' in priced) throw priced.failure;
  // The basket is not what it was when the lines were priced: a refusal took its state back.
  if (!priced || !isSameChoice(priced.choice, choice)) throw BasketFailure.planOutdated();
  return priced.line;
}

function refuseWhenClosed({ standing }: Basket): void {
  if (standing.is === 'sealed') throw BasketFailure.sealed(standing.merge.into);
  if (standing.is === 'merged') throw BasketFailure.merged(standing.into);
}

function refuseUnlessOpen(basket: Basket): void {
  refuseWhenClosed(basket);
  const { is } = basket.standing;
  if (is !== 'open') throw is === 'expired' ? BasketFailure.expired() : BasketFailure.missing();
}

function checkPrecondition({ standing, version }: Basket, precondition: Precondition): void {
  const there = standing.is === 'open' ? version : undefined;
  if (!isFulfilled(precondition, there)) throw BasketFailure.versionMismatch(precondition, there);
}

function decided(event: BasketEvent, outcome?: Outcome): Decided {
  return { events: [storedEvent(event)], outcome };
}
