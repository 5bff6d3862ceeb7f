import { ask, type Requester } from '@aisle/broker';
import type { Addressee, Message, ReplyOf, SentBody } from '@aisle/contracts';
import { isFailure, sleep, type FailureFacts, type FailureKind, type Runtime } from '@aisle/std';

/**
 * The outcome of a request: its answer, a final refusal, or no answer. An unanswered request must be repeated, since it may
 * have taken effect.
 */
export type RequestOutcome<T> =
  | { readonly answer: T }
  | { readonly refused: FailureFacts }
  | { readonly unanswered: unknown };

/** The header of a request. A repetition has the same id, so that it takes effect once. */
export interface RequestHeader extends Addressee {
  readonly tenant: string;
  readonly id: string;
  /** The principal for whom it is sent; absent for the system's own requests. */
  readonly by?: string | undefined;
  readonly traceparent: string;
}

const ATTEMPTS_MAX = 4;
const PAUSE_MS = 100;
const PASSING = new Set<FailureKind>(['unavailable', 'unknown', 'throttled']);

/** Sends requests to other apps for orders, a few times if necessary. An unknown outcome stays `unanswered`. */
export class PatientRequests {
  constructor(
    private readonly options: {
      readonly broker: Pick<Requester, 'request'>;
      readonly runtime: Runtime;
      /** The longest wait for the answer of one attempt, in milliseconds. */
      readonly attemptMs: number;
    },
  ) {}

  /** Sends a request until it is answered or refused, at most four times. Never rejects for a failure. */
  async ask<M extends Message>(message: M, question: RequestHeader, body: SentBody<M>): Promise<RequestOutcome<ReplyOf<M>>> {
    const { broker, runtime, attemptMs } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { answer: await ask(broker, message, { ...question, deadlineMs: runtime.clock.nowMs() + attemptMs }, body) };
      } catch (failure) {
        // A crash of the receiver is no refusal.
        if (isFailure(failure) && !PASSING.has(failure.kind)) return { refused: failure };
        if (attempt === ATTEMPTS_MAX) return { unanswered: failure };
        await sleep(runtime, PAUSE_MS * attempt);
      }
    }
  }
}
