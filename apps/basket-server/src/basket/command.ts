import type { AbsorbBasket, BasketCondition, Choice, Money, RestoreBasket } from '@aisle/contracts';
import { payloadHash } from '@aisle/journal';
import type { Pricer } from '../pricing/pricer.ts';
import type { NamedOperations } from './named-products.ts';
import { requireUnits } from './requested-units.ts';
import { absorption, choicesAfter, restoration, type Basket, type Merge } from './basket.ts';

/** The step of a command that does not change lines by operations. */
export type BasketStep =
  | ({ readonly kind: 'seal' } & Merge)
  | { readonly kind: 'unseal' | 'close'; readonly mergeId: string }
  | ({ readonly kind: 'absorb' } & Pick<AbsorbBasket, 'from' | 'mode' | 'lines'>)
  /** The order gets the id of the first attempt, since the journal keeps that event. */
  | { readonly kind: 'checkout'; readonly orderId: string; readonly total?: Money | undefined }
  | { readonly kind: 'reprice' }
  | ({ readonly kind: 'restore' } & RestoreBasket)
  | { readonly kind: 'expire' };

const NOTHING: ReadonlyMap<string, Choice> = new Map();

/** A command to one basket, with the prices in force when it began. */
export interface Command extends BasketCondition, NamedOperations {
  readonly id: string;
  /** The name of the principal whose command it is; absent or empty for the system's own. */
  readonly by?: string | undefined;
  readonly pricer: Pricer;
  /** Creates the basket if it does not exist, and leaves an existing one unchanged. */
  readonly opens: boolean;
  readonly step?: BasketStep | undefined;
  /** Whether the answer leaves out the document. */
  readonly minimal?: boolean | undefined;
}

/** The choices by SKU that a command needs priced; a quantity of 0 removes a line. Throws the refusals of the rules. */
export function wantedBy(basket: Basket, { operations, refusal, step, pricer }: Command): ReadonlyMap<string, Choice> {
  switch (step?.kind) {
    case undefined:
      if (refusal) throw refusal;
      requireUnits(operations, pricer, (at) => (operations.length === 1 ? 'quantity' : `${at}.quantity`));
      return pricer.wanted(basket, choicesAfter(basket, operations, pricer));
    case 'absorb':
      return pricer.wanted(basket, choicesAfter(basket, absorption(basket, step), pricer));
    case 'restore': {
      const { operations } = restoration(basket, step.lines, pricer);
      return pricer.wanted(basket, choicesAfter(basket, operations, pricer));
    }
    case 'checkout':
    case 'reprice':
      return pricer.wanted(basket, NOTHING);
    case 'seal':
    case 'unseal':
    case 'close':
    case 'expire':
      return NOTHING;
  }
}

/** The hash that reveals the same command id with another payload. `If-Match` is not part of the payload. */
export function payloadHashOf(
  { operations, requested = operations, opens, step }: Pick<Command, 'operations' | 'requested' | 'opens' | 'step'>,
): Uint8Array {
  return payloadHash(JSON.stringify(step ? payloadOf(step) : [opens, requested]));
}

function payloadOf(step: BasketStep): string[] {
  switch (step.kind) {
    case 'seal':
      return [step.kind, step.into, step.mode];
    case 'absorb':
      // Without the lines: every attempt brings those of the sealed basket.
      return [step.kind, step.from, step.mode];
    case 'unseal':
    case 'close':
      return [step.kind, step.mergeId];
    case 'checkout':
      return step.total ? [step.kind, String(step.total.amount), step.total.currency] : [step.kind];
    case 'restore':
      return [step.kind, step.orderId];
    case 'reprice':
    case 'expire':
      return [step.kind];
  }
}
