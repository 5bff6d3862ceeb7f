import type { EnvelopeHeader } from '@aisle/broker';
import type { DocumentReply } from '@aisle/contracts';
import type { Answer } from '../market/market.actor.ts';
import type { MarketId } from '../rows/market-rows.repository.ts';

/** The market that a message is for. */
export function marketOf({ tenant, market }: EnvelopeHeader): MarketId {
  return { tenant, market };
}

/** A document as it travels. */
export function documentOf(document: unknown, version = 0): DocumentReply {
  return { json: JSON.stringify(document), version };
}

/** The answer to a command whose outcome is a document. */
export function replyOf({ outcome, replayed }: Answer): DocumentReply {
  return { ...(outcome as DocumentReply), ...(replayed ? { replayed } : {}) };
}
