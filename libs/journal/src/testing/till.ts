import { failures } from '@aisle/std';
import type { Behaviour, Submission } from '../behaviour.ts';
import { payloadHash } from '../json-bytes.ts';

/** The smallest actor with a rule: a till that takes amounts and refuses to exceed its limit. */
export const till: Behaviour<Till, Take, Taken, Receipt> = {
  initial: { total: 0, takes: 0 },
  decide: ({ total }, { amount, limit = Infinity }) => {
    if (total + amount > limit) throw TillFailure.full();
    return { events: [{ amount }], outcome: { total: total + amount } };
  },
  evolve: ({ total, takes }, { amount }) => ({ total: total + amount, takes: takes + 1 }),
  schemaVersion: 2,
  save: ({ total, takes }) => [total, takes],
  // Version 1 was the total alone.
  restore: (saved, version) => {
    const [total, takes] = version === 1 ? [saved, 0] : (saved as [number, number]);
    return { total: total as number, takes };
  },
};

export interface Till {
  readonly total: number;
  readonly takes: number;
}

export interface Take {
  readonly amount: number;
  readonly limit?: number;
}

export interface Taken {
  readonly amount: number;
}

export interface Receipt {
  readonly total: number;
}

const TillFailure = failures('till', { full: ['rejected', 'the till is full'] });

/** A submission whose payload is its command. */
export function take(id: string, amount: number, limit?: number): Submission<Take> {
  const command = limit === undefined ? { amount } : { amount, limit };
  return { id, command, payloadHash: payloadHash(JSON.stringify(command)) };
}
