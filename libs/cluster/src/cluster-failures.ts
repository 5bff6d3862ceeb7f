import { failures } from '@aisle/std';

/** Failures of a group of nodes that share actors. Nothing was done. */
export const ClusterFailure = failures('cluster', {
  /** PostgreSQL is away. No node joins, moves or is found dead until it is back. */
  unavailable: ['unavailable', 'the cluster tables are unavailable', (reason: string) => ({ reason, retryAfterMs: 500 })],
  noOwner: [
    'unavailable', 'no server can take this command right now; retry with the same Idempotency-Key',
    () => ({ retryAfterMs: 1_000 }),
  ],
  /** Too many commands wait for shards that are moving. */
  holdFull: ['throttled', 'too many commands wait for a server', () => ({ retryAfterMs: 500 })],
  /** All actors in memory are busy. */
  hostFull: [
    'throttled', 'this node has no room for another actor right now',
    (actorsMax: number) => ({ actorsMax, retryAfterMs: 200 }),
  ],
});
