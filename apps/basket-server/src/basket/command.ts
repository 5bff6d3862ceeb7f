import type { Batch } from '@aisle/contracts';
import { payloadHash } from '@aisle/journal';
import type { Pricer } from '../pricing/pricer.ts';

/** A command to one basket, with the prices that were in force when it began. */
export interface Command {
  readonly id: string;
  readonly operations: Batch;
  readonly pricer: Pricer;
  /** The version that the caller saw. */
  readonly ifMatch?: number | undefined;
  /** Makes the basket when there is none, and leaves it alone when there is one. */
  readonly opens: boolean;
}

/** By what the same command id with another payload is found out. `If-Match` is no part of it. */
export function payloadHashOf({ operations, opens }: Pick<Command, 'operations' | 'opens'>): Uint8Array {
  return payloadHash(JSON.stringify([opens, operations]));
}
