import type { EnvelopeHeader } from '@aisle/broker';
import type { BasketAddress } from '../basket/baskets.ts';

/** The address of the basket in a message's header. */
export function addressOf({ tenant, market, actor, shard }: EnvelopeHeader): BasketAddress {
  return { tenant, market, basket: actor, shard };
}
