import type { EnvelopeHeader } from '@aisle/broker';
import type { DocumentReply } from '@aisle/contracts';
import type { MarketId } from '../rows/market-rows.repository.ts';

/** The market in a message's header. */
export function marketOf({ tenant, market }: EnvelopeHeader): MarketId {
  return { tenant, market };
}

/** A document as the reply that carries it. */
export function documentOf(document: unknown, version = 0): DocumentReply {
  return { json: JSON.stringify(document), version };
}
