import type { Requester } from '@aisle/broker';
import { queueOf } from '@aisle/contracts';
import { assert, isFailure, sleep, type FailureFacts, type FailureKind, type Runtime } from '@aisle/std';

/** What became of a request: its answer, why it is refused for good, or that nothing is known and it has to be asked again. */
export type Asked<T> =
  | { readonly answer: T }
  | { readonly refused: FailureFacts }
  | { readonly unanswered: unknown };

/** Who asks whom; the id makes it the same request however often it is asked. */
export interface Question {
  readonly tenant: string;
  readonly market: string;
  readonly actor: string;
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

  async ask<T>(type: string, question: Question, body: unknown): Promise<Asked<T>> {
    const { broker, runtime, attemptMs } = this.options;
    const queue = queueOf(type);
    assert(queue !== undefined, `some app takes messages of the type ${type}`);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const header = { ...question, type, deadlineMs: runtime.clock.nowMs() + attemptMs };
        return { answer: await broker.request<T>(queue, header, body) };
      } catch (failure) {
        // Whoever crashes on it has not said no.
        if (isFailure(failure) && !PASSING.has(failure.kind)) return { refused: failure };
        if (attempt === ATTEMPTS_MAX) return { unanswered: failure };
        await sleep(runtime, PAUSE_MS * attempt);
      }
    }
  }
}
