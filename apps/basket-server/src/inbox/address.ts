import type { EnvelopeHeader } from '@aisle/broker';
import type { BasketAddress } from '../basket/baskets.ts';

/** The basket that a message is for. */
export function addressOf({ tenant, market, actor, shard }: EnvelopeHeader): BasketAddress {
  return { tenant, market, basket: actor, shard };
}
