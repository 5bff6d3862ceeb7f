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
import { choiceOf, type AbsorbBasket, type AbsorbReply, type Basket, type DocumentReply } from '@aisle/contracts';
import { RemoteFailure, isFailure } from '@aisle/std';
import { BasketFailure } from '../basket/basket-failures.ts';
import type { Merge } from '../basket/basket.ts';
import type { BasketAddress, Baskets } from '../basket/baskets.ts';
import type { BasketStep } from '../basket/command.ts';
import type { Prices } from '../pricing/prices.ts';

/** The principal of a merge, its deadline in milliseconds since 1970, and its trace. */
export interface MergeCall {
  readonly by?: string | undefined;
  readonly deadlineMs: number;
  readonly traceparent: string;
}

/** Asks the basket `target`, on any server, to take in lines under the merge's id. */
export type Absorb = (
  target: Omit<BasketAddress, 'shard'>,
  mergeId: string,
  lines: AbsorbBasket,
  call: MergeCall,
) => Promise<AbsorbReply>;

/** The parts that a merger uses. */
export interface MergerOptions {
  readonly baskets: Pick<Baskets, 'change'>;
  readonly prices: Prices;
  readonly absorb: Absorb;
}

/**
 * Merges a basket on this server, the guest, into another one. It seals the guest, asks the other basket to absorb the
 * lines, and then closes the guest, or unseals it if the other basket declines. Each step is a command whose id is derived
 * from the merge's. So a repeated merge gets the first answer of each finished step, and continues after the last one.
 */
export class Merger {
  constructor(private readonly options: MergerOptions) {}

  /**
   * Returns the other basket's document. Throws the refusals of both baskets. After a retryable failure the guest may stay
   * sealed until the same merge is repeated, by the caller or by `Merges`.
   */
  async merge(guest: BasketAddress, merge: Merge, call: MergeCall): Promise<DocumentReply> {
    const { mergeId, into, mode, ifMatch, ifNoneMatch } = merge;
    if (into === guest.basket) throw BasketFailure.mergeIntoItself();
    const sealed = await this.step(guest, merge, call, { kind: 'seal', ...merge });
    const { lines } = JSON.parse(sealed.json) as Basket;

    const { tenant, market, basket: from } = guest;
    const chosen = lines.map((line) => ({ sku: line.sku, ...choiceOf(line) }));
    const request = { from, mode, lines: chosen, ifMatch, ifNoneMatch };
    const target = { tenant, market, basket: into };
    const reply = await this.options.absorb(target, mergeId, request, call).catch((failure: unknown) => {
      // The other basket has used this id for another command, so it can never absorb this merge.
      if (isFailure(failure) && failure.code === 'idempotency.mismatch') return { declined: failure };
      throw failure;
    });
    await this.step(guest, merge, call, { kind: reply.declined ? 'unseal' : 'close', mergeId });
    if (reply.declined) throw new RemoteFailure(reply.declined);
    return reply as AbsorbReply;
  }

  private step(guest: BasketAddress, merge: Merge, { by }: MergeCall, step: BasketStep): Promise<DocumentReply> {
    const pricer = this.options.prices.at(guest, guest.basket);
    const id = stepId(step.kind, merge);
    return this.options.baskets.change(guest, { id, by, operations: [], opens: false, pricer, step });
  }
}

/** The id of a step, in the form of a UUID, for which the journal has the most compact encoding. */
function stepId(kind: BasketStep['kind'], { mergeId, into }: Merge): string {
  const hex = createHash('sha256').update(JSON.stringify([kind, into, mergeId])).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
