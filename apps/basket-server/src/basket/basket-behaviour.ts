import { isFulfilled, type BasketCondition, type Choice, type Precondition } from '@aisle/contracts';
import type { Behaviour } from '@aisle/journal';
import { assert, isFailure, type Failure, type FailureFacts } from '@aisle/std';
import { BasketFailure } from './basket-failures.ts';
import type { BasketChanged, BasketEvent } from './basket-event.ts';
import { emptyBasket, evolve, isSameChoice, linesAfter, restoration, type Basket, type Line } from './basket.ts';
import type { Notice } from './notice.ts';
import { withEarlier } from '../pricing/price-notices.ts';
import { wantedBy, type Command, type BasketStep } from './command.ts';
import { SCHEMA_VERSION, basketOf, eventOf, savedBasket, storedEvent, type StoredEvent } from './stored-event.ts';

/** The answer of a product's process: the priced line for a choice, or the failure that prevents a price. */
export type PricedChoice = { readonly choice: Choice; readonly line: Line } | { readonly failure: Failure };

/** A command with the lines that it needs. They are priced beforehand, so that deciding is synchronous. */
export interface PlannedCommand extends Command {
  readonly priced: ReadonlyMap<string, PricedChoice>;
  /** Price changes since the basket was last priced, other than those that commands caused. */
  readonly notices?: readonly Notice[];
}

/** The part of an answer that is stored beside the state: the command created the basket, or it declined a merge for a reason. */
export type BasketOutcome = 'created' | { readonly declined: FailureFacts } | undefined;

interface Decided {
  readonly event: BasketEvent;
  readonly outcome: BasketOutcome;
}

/** The rules of a basket in the form that the journal runs. */
export const basketBehaviour: Behaviour<Basket, PlannedCommand, StoredEvent, BasketOutcome> = {
  initial: emptyBasket,
  decide: (basket, command) => {
    const { step, by } = command;
    requireOpening(basket, command);
    const { event, outcome } = step ? decideStep(basket, command, step) : decideChange(basket, command);
    return { events: [storedEvent(event, by)], outcome };
  },
  evolve: (basket, stored) => evolve(basket, eventOf(stored)),
  schemaVersion: SCHEMA_VERSION,
  save: savedBasket,
  restore: basketOf,
};

/** Throws `BasketFailure.openingOver` if the sender may only use another opening of the basket. */
export function requireOpening(basket: Basket, { opening = basket.opening }: BasketCondition): void {
  if (opening !== basket.opening) throw BasketFailure.openingOver();
}

function decideChange(basket: Basket, command: PlannedCommand): Decided {
  const { operations, refusal, opens } = command;
  refuseWhenClosed(basket);
  const exists = basket.standing.is === 'open';
  const makes = opens || refusal !== undefined || operations.some(({ op }) => op === 'add' || op === 'set');
  if (!exists && !makes) throw basket.standing.is === 'expired' ? BasketFailure.expired() : BasketFailure.missing();
  checkPrecondition(basket, command);
  if (opens && exists) throw BasketFailure.exists();
  return decided(changeOf(basket, command), exists ? undefined : 'created');
}

function decideStep(basket: Basket, command: PlannedCommand, step: BasketStep): Decided {
  const unchanged = { atMs: command.pricer.nowMs, totalMinor: basket.totalMinor };
  const { standing } = basket;
  switch (step.kind) {
    case 'seal': {
      refuseUnlessOpen(basket);
      const { mergeId, into, mode, ifMatch, ifNoneMatch } = step;
      return decided({ type: 'sealed', ...unchanged, merge: { mergeId, into, mode, ifMatch, ifNoneMatch } });
    }
    case 'unseal':
    case 'close': {
      const merge = standing.is === 'sealed' ? standing.merge : undefined;
      assert(merge?.mergeId === step.mergeId, 'a sealed basket is closed or unsealed once, by the merge that sealed it');
      const type = step.kind === 'close' ? 'merged' : 'unsealed';
      const totalMinor = step.kind === 'close' ? 0 : unchanged.totalMinor;
      return decided({ type, ...unchanged, totalMinor, other: merge.into });
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
      return decided({ type: 'expired', ...unchanged, totalMinor: 0 });
  }
}

/**
 * Takes the lines in, or declines them for good. A decline is an event as well, because the other basket reopens after it.
 * A late copy of this command must then not take the lines.
 */
function absorb(basket: Basket, command: PlannedCommand, { from }: Extract<BasketStep, { kind: 'absorb' }>): Decided {
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
    const unchanged = { atMs: command.pricer.nowMs, totalMinor: basket.totalMinor };
    return decided({ type: 'declined', ...unchanged, other: from }, { declined: { kind, code, message, details } });
  }
}

/** Makes an order of all lines at the prices in force. Throws `BasketFailure.totalChanged` if the caller expects another total. */
function checkOut(
  basket: Basket, command: PlannedCommand, { orderId, total }: Extract<BasketStep, { kind: 'checkout' }>,
): Decided {
  refuseUnlessOpen(basket);
  checkPrecondition(basket, command);
  if (basket.lines.size === 0) throw BasketFailure.empty();
  const { wanted, lines } = planOf(basket, command);
  const ordered = [...linesAfter(basket, wanted, lines).values()];
  const unsold = ordered.filter(({ unavailable }) => unavailable).map(({ sku }) => sku);
  if (unsold.length > 0) throw BasketFailure.productsUnavailable(unsold);
  const { change, sharesMinor } = command.pricer.order(basket, wanted, lines);
  const { totalMinor } = change;
  const { currency } = command.pricer.market;
  if (total && (total.amount !== totalMinor || total.currency !== currency)) {
    throw BasketFailure.totalChanged({ amount: totalMinor, currency });
  }
  return decided({ type: 'checkedOut', orderId, change, sharesMinor, opening: basket.opening });
}

/** Puts the lines of a rejected order back, with a notice that lists the units without room. An expired basket begins again. */
function restore(basket: Basket, command: PlannedCommand, step: Extract<BasketStep, { kind: 'restore' }>): Decided {
  refuseWhenClosed(basket);
  const { orderId, reason, missing, lines } = step;
  const { lost } = restoration(basket, lines, command.pricer);
  const change = changeOf(basket, command);
  const notice: Notice = { code: 'orderReturned', orderId, reason, missing, lost };
  const notices = withEarlier(change.notices, [notice]);
  return decided({ type: 'restored', orderId, change: { ...change, notices } }, basket.standing.is === 'open' ? undefined : 'created');
}

function changeOf(basket: Basket, command: PlannedCommand): BasketChanged {
  const { wanted, lines } = planOf(basket, command);
  return command.pricer.change(basket, wanted, lines, noticesAfter(basket, command));
}

/** A shopper's change removes the notices that an earlier change has shown. Other commands keep them. */
function noticesAfter(basket: Basket, { step, notices = [] }: PlannedCommand): readonly Notice[] {
  const keepsEarlier = basket.noticesAreNew || step?.kind === 'reprice' || step?.kind === 'restore';
  return keepsEarlier ? withEarlier(basket.notices, notices) : notices;
}

/** The choices that a command changes, and their priced lines. Throws the failures of the decision itself. */
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

function lineOf(priced: PricedChoice | undefined, choice: Choice): Line {
  if (priced && 'failure' in priced) throw priced.failure;
  // A refusal by the journal reset the basket's state after the lines were priced.
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
  const present = standing.is === 'open' ? version : undefined;
  if (!isFulfilled(precondition, present)) throw BasketFailure.versionMismatch(precondition, present);
}

function decided(event: BasketEvent, outcome?: BasketOutcome): Decided {
  return { event, outcome };
}
