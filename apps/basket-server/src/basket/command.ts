import type { AbsorbBasket, ChangeBasket, Money, Precondition, RestoreBasket } from '@aisle/contracts';
import { payloadHash } from '@aisle/journal';
import type { Pricer } from '../pricing/pricer.ts';
import { absorption, choicesAfter, restoration, type Basket, type Choice, type Merge } from './basket.ts';

/** What a command does beside changing lines by operations. */
export type Step =
  | ({ readonly kind: 'seal' } & Merge)
  | { readonly kind: 'unseal' | 'close'; readonly mergeId: string }
  | ({ readonly kind: 'absorb' } & Pick<AbsorbBasket, 'from' | 'mode' | 'lines'>)
  /** The order's id is the first attempt's: the journal keeps that one. */
  | { readonly kind: 'checkout'; readonly orderId: string; readonly total?: Money | undefined }
  | { readonly kind: 'reprice' }
  | ({ readonly kind: 'restore' } & RestoreBasket)
  | { readonly kind: 'expire' };

const NOTHING: ReadonlyMap<string, Choice> = new Map();

/** A command to one basket, with the prices that were in force when it began. */
export interface Command extends Precondition {
  readonly id: string;
  /** None where there is a step. */
  readonly operations: ChangeBasket['operations'];
  readonly pricer: Pricer;
  /** Makes the basket when there is none, and leaves it alone when there is one. */
  readonly opens: boolean;
  readonly step?: Step | undefined;
}

/** The lines that a command wants priced: choices by SKU, with a quantity of 0 for those that go. Throws as the rules do. */
export function wantedBy(basket: Basket, { operations, step, pricer }: Command): ReadonlyMap<string, Choice> {
  switch (step?.kind) {
    case undefined:
      return pricer.wanted(basket, choicesAfter(basket, operations));
    case 'absorb':
      return pricer.wanted(basket, choicesAfter(basket, absorption(basket, step)));
    case 'restore': {
      const { operations } = restoration(basket, step.lines, (sku) => pricer.sells(sku));
      return pricer.wanted(basket, choicesAfter(basket, operations));
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

/** By what the same command id with another payload is found out. `If-Match` is no part of it. */
export function payloadHashOf({ operations, opens, step }: Pick<Command, 'operations' | 'opens' | 'step'>): Uint8Array {
  return payloadHash(JSON.stringify(step ? payloadOf(step) : [opens, operations]));
}

function payloadOf(step: Step): string[] {
  switch (step.kind) {
    case 'seal':
      return [step.kind, step.into, step.mode];
    case 'absorb':
      // Not the lines: they are those of the sealed basket, whichever attempt brings them.
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
