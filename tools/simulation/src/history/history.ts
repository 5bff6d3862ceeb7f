import { assert } from '@aisle/std';
import type { BasketOperation, Lines } from './basket-model.ts';

/** The outcome of an operation, as its client saw it. */
export type OperationOutcome =
  /** It took effect once between call and return; `lines` are the basket's lines right after it. */
  | { readonly kind: 'ok'; readonly lines: Lines }
  /** A rule refused it. This is an observation, too: the basket must have been in a state in which the rule refuses. */
  | { readonly kind: 'refused' }
  /** It certainly had no effect. */
  | { readonly kind: 'fail' }
  /** No answer came. It took effect after its call, or will still take effect, or never does. */
  | { readonly kind: 'unknown' };

/** One operation of one client. */
export interface RecordedOperation {
  readonly client: string;
  readonly basket: string;
  readonly operation: BasketOperation;
  readonly outcome: OperationOutcome;
  /** Times for the reader of an explanation. The check uses `call` and `end`. */
  readonly calledAtMs: number;
  readonly endedAtMs: number;
  /** The position of the call in the order of all calls and returns of the history. */
  readonly call: number;
  /** The position of the return; undefined while the outcome is unknown. */
  readonly end: number | undefined;
}

/** An open operation. Call exactly one of its methods, once. */
export interface Invocation {
  ok(lines: Lines): void;
  refused(): void;
  fail(): void;
  unknown(): void;
}

type Writable = { -readonly [K in keyof RecordedOperation]: RecordedOperation[K] };

/** Records the operations of the clients of one run and their outcomes, in the order in which this process observes them. */
export class History {
  private readonly recorded: Writable[] = [];
  private order = 0;

  /** `nowMs` is a virtual or a real clock. */
  constructor(private readonly nowMs: () => number) {}

  /** Records the call of an operation. Call it before the request is sent. An operation that is never ended has an unknown outcome. */
  invoke(client: string, basket: string, operation: BasketOperation): Invocation {
    const atMs = this.nowMs();
    const entry: Writable = {
      client, basket, operation, outcome: { kind: 'unknown' },
      calledAtMs: atMs, endedAtMs: Infinity, call: this.next(), end: undefined,
    };
    this.recorded.push(entry);
    let isEnded = false;
    const finish = (outcome: OperationOutcome): void => {
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

  /** All operations so far, in the order of their calls. */
  get operations(): readonly RecordedOperation[] {
    return this.recorded;
  }

  private next(): number {
    this.order += 1;
    return this.order;
  }
}
