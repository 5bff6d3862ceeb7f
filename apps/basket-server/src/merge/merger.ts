// A merge of the basket `guest` into the basket `into`. Each arrow is one command with an id derived from the merge's:
//
//   guest   open ──seal──▶ sealed ──────────────────────close──▶ closed
//                            │  ▲                         ▲
//                      lines │  └─unseal (declined)──┐    │ absorbed
//                            ▼                       │    │
//   into                   absorb ──── declined ─────┴────┘
//
// A crash between two arrows leaves the guest sealed. The same merge then starts again, from its caller or from the
// guest's next owner, which finds the seal in the journal: finished steps repeat their first answer (ADR 11).
import { createHash } from 'node:crypto';
import type { AbsorbBasket, AbsorbReply, Basket, DocumentReply } from '@aisle/contracts';
import { RemoteFailure, isFailure } from '@aisle/std';
import { BasketFailure } from '../basket/basket-failures.ts';
import { choiceOf, type Merge } from '../basket/basket.ts';
import type { BasketAddress, Baskets } from '../basket/baskets.ts';
import type { Step } from '../basket/command.ts';
import type { Prices } from '../pricing/prices.ts';

/** How long a merge may take, and the trace that it belongs to. */
export interface Call {
  readonly deadlineMs: number;
  readonly traceparent: string;
}

/** Asks the basket `target`, wherever it lives, to take lines in under the merge's id. */
export type Absorb = (
  target: Omit<BasketAddress, 'shard'>,
  mergeId: string,
  lines: AbsorbBasket,
  call: Call,
) => Promise<AbsorbReply>;

export interface MergerOptions {
  readonly baskets: Pick<Baskets, 'change'>;
  readonly prices: Prices;
  readonly absorb: Absorb;
}

/**
 * Merges a basket that lives here into another one: seals it, has the other one absorb its lines, and
 * closes it; or unseals it when the other one declines. Each step is a command under an id of its own that
 * follows from the merge's, so whoever begins again, after a crash or because nobody answered, gets for
 * each step that was done its first answer, and goes on where it ended.
 */
export class Merger {
  constructor(private readonly options: MergerOptions) {}

  /**
   * Answers the other basket's document. Throws what either basket refuses with; when that is retryable,
   * the basket may stay sealed until the same merge comes again, from the caller or from `Merges`.
   */
  async merge(guest: BasketAddress, merge: Merge, call: Call): Promise<DocumentReply> {
    const { mergeId, into, mode, ifMatch, ifNoneMatch } = merge;
    if (into === guest.basket) throw BasketFailure.mergeIntoItself();
    const sealed = await this.step(guest, merge, { kind: 'seal', ...merge });
    const { lines } = JSON.parse(sealed.json) as Basket;

    const { tenant, market, basket: from } = guest;
    const chosen = lines.map((line) => ({ sku: line.sku, ...choiceOf(line) }));
    const request = { from, mode, lines: chosen, ifMatch, ifNoneMatch };
    const target = { tenant, market, basket: into };
    const reply = await this.options.absorb(target, mergeId, request, call).catch((failure: unknown) => {
      // The other basket knows this id as another command's, so it will never be this merge's.
      if (isFailure(failure) && failure.code === 'idempotency.mismatch') return { declined: failure };
      throw failure;
    });
    await this.step(guest, merge, { kind: reply.declined ? 'unseal' : 'close', mergeId });
    if (reply.declined) throw new RemoteFailure(reply.declined);
    return reply as AbsorbReply;
  }

  private step(guest: BasketAddress, merge: Merge, step: Step): Promise<DocumentReply> {
    const pricer = this.options.prices.at(guest, guest.basket);
    const id = stepId(step.kind, merge);
    return this.options.baskets.change(guest, { id, operations: [], opens: false, pricer, step });
  }
}

/** In the form of a UUID, which the journal keeps shortest. */
function stepId(kind: Step['kind'], { mergeId, into }: Merge): string {
  const hex = createHash('sha256').update(JSON.stringify([kind, into, mergeId])).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
