import { assert } from '@aisle/std';
import type { BasketOperation, Lines } from './basket-model.ts';

/** What a client saw come of an operation. */
export type Outcome =
  /** It took effect once between call and return, and these were the lines after it. */
  | { readonly kind: 'ok'; readonly lines: Lines }
  /** A rule refused it; an observation too, since the basket has to have been such that it does. */
  | { readonly kind: 'refused' }
  /** It certainly had no effect. */
  | { readonly kind: 'fail' }
  /** It took effect at some time after its call, or will yet, or never. */
  | { readonly kind: 'unknown' };

/** One operation of one client. */
export interface RecordedOperation {
  readonly client: string;
  readonly basket: string;
  readonly operation: BasketOperation;
  readonly outcome: Outcome;
  /** For people; the order is that of `call` and `end`. */
  readonly calledAtMs: number;
  readonly endedAtMs: number;
  /** Places in the order of all calls and returns of the history, each taken once. */
  readonly call: number;
  /** None while nobody knows how it ended. */
  readonly end: number | undefined;
}

/** An operation under way; exactly one of its four methods is called, once. */
export interface Invocation {
  ok(lines: Lines): void;
  refused(): void;
  fail(): void;
  unknown(): void;
}

type Writable = { -readonly [K in keyof RecordedOperation]: RecordedOperation[K] };

/** What the clients of one run did and saw, in the one order in which this process noticed it. */
export class History {
  private readonly recorded: Writable[] = [];
  private order = 0;

  /** `nowMs` is a virtual clock or a real one. */
  constructor(private readonly nowMs: () => number) {}

  /** To be called before the operation leaves. What is never ended counts as unknown. */
  invoke(client: string, basket: string, operation: BasketOperation): Invocation {
    const atMs = this.nowMs();
    const entry: Writable = {
      client, basket, operation, outcome: { kind: 'unknown' },
      calledAtMs: atMs, endedAtMs: Infinity, call: this.next(), end: undefined,
    };
    this.recorded.push(entry);
    let isEnded = false;
    const finish = (outcome: Outcome): void => {
      assert(!isEnded, 'an operation ends once');
      isEnded = true;
      entry.outcome = outcome;
      if (outcome.kind === 'unknown') return;
      entry.endedAtMs = this.nowMs();
      entry.end = this.next();
    };
    return {
      ok: (lines) => finish({ kind: 'ok', lines }),
      refused: () => finish({ kind: 'refused' }),
      fail: () => finish({ kind: 'fail' }),
      unknown: () => finish({ kind: 'unknown' }),
    };
  }

  /** Every operation so far, in the order of their calls. */
  get operations(): readonly RecordedOperation[] {
    return this.recorded;
  }

  private next(): number {
    this.order += 1;
    return this.order;
  }
}
