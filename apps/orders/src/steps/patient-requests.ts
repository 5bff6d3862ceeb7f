import { ask, type Requester } from '@aisle/broker';
import type { Addressee, Message, ReplyOf, SentBody } from '@aisle/contracts';
import { isFailure, sleep, type FailureFacts, type FailureKind, type Runtime } from '@aisle/std';

/** What became of a request: its answer, why it is refused for good, or that nothing is known and it has to be asked again. */
export type Asked<T> =
  | { readonly answer: T }
  | { readonly refused: FailureFacts }
  | { readonly unanswered: unknown };

/** Who asks whom; the id makes it the same request however often it is asked. */
export interface Question extends Addressee {
  readonly tenant: string;
  readonly id: string;
  readonly traceparent: string;
}

const ATTEMPTS_MAX = 4;
const PAUSE_MS = 100;
const PASSING = new Set<FailureKind>(['unavailable', 'unknown', 'throttled']);

/** Requests to other apps on behalf of orders, asked a few times. An outcome that is not known is never guessed. */
export class PatientRequests {
  constructor(
    private readonly options: {
      readonly broker: Pick<Requester, 'request'>;
      readonly runtime: Runtime;
      /** How long one attempt waits for its answer. */
      readonly attemptMs: number;
    },
  ) {}

  async ask<M extends Message>(message: M, question: Question, body: SentBody<M>): Promise<Asked<ReplyOf<M>>> {
    const { broker, runtime, attemptMs } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { answer: await ask(broker, message, { ...question, deadlineMs: runtime.clock.nowMs() + attemptMs }, body) };
      } catch (failure) {
        // Whoever crashes on it has not said no.
        if (isFailure(failure) && !PASSING.has(failure.kind)) return { refused: failure };
        if (attempt === ATTEMPTS_MAX) return { unanswered: failure };
        await sleep(runtime, PAUSE_MS * attempt);
      }
    }
  }
}
