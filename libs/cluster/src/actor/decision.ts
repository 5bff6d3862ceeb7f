import type { Reply, Submission } from '@aisle/journal';
import type { Failure } from '@aisle/std';
import type { Context, MaybePromise } from '@aisle/supervision';

/** The actor as its handlers see it. */
export interface ActorContext<State, Own> {
  /** The actor's whole key. */
  readonly key: string;
  /** The actor's own parts, made by `begin` when it was loaded. They may be changed in place. */
  readonly own: Own;
  /** The present state, committed or not. After an `await` it may differ from the handler's state. */
  readonly latest: State;
  /** The actor's process, for children, timers and its ref. */
  readonly process: Context;
}

/**
 * A function of the latest state, committed or not, that returns a decision. A promise delays the actor's next message until
 * it settles.
 */
export type Ask<State, Command, Outcome, Own, Answer> = (
  state: State, actor: ActorContext<State, Own>,
) => MaybePromise<Decision<State, Command, Outcome, Own, Answer>>;

/** The decision of a handler, made by `commit`, `look` or `later`. */
export type Decision<State, Command, Outcome, Own, Answer> =
  | Commit<State, Command, Outcome, Own, Answer>
  | Look<State, Answer>
  | Later<State, Command, Outcome, Own, Answer>;

interface Commit<State, Command, Outcome, Own, Answer> {
  readonly kind: 'commit';
  readonly submission: Submission<Command>;
  readonly answer: (reply: Reply<State, Outcome>) => Answer;
  readonly instead: ((refusal: Failure) => Ask<State, Command, Outcome, Own, Answer> | undefined) | undefined;
}

interface Look<State, Answer> {
  readonly kind: 'look';
  readonly look: (state: State) => Answer;
}

interface Later<State, Command, Outcome, Own, Answer> {
  readonly kind: 'later';
  readonly decision: Promise<Decision<State, Command, Outcome, Own, Answer>>;
}

/**
 * Runs a command by the actor's rules, and answers after its commit. `instead` may return a function for a refusal. That
 * function is then asked in a turn of its own, and gives the answer.
 */
export function commit<State, Command, Outcome, Own, Answer>(
  submission: Submission<Command>,
  answer: (reply: Reply<State, Outcome>) => Answer,
  instead?: (refusal: Failure) => Ask<State, Command, Outcome, Own, Answer> | undefined,
): Commit<State, Command, Outcome, Own, Answer> {
  return { kind: 'commit', submission, answer, instead };
}

/** Answers by the committed state, after all earlier messages are answered. A failure that `at` throws is the answer as well. */
export function look<State, Answer>(at: (state: State) => Answer): Look<State, Answer> {
  return { kind: 'look', look: at };
}

/** Decides when the promise settles. The actor handles other messages meanwhile. */
export function later<State, Command, Outcome, Own, Answer>(
  decision: Promise<Decision<State, Command, Outcome, Own, Answer>>,
): Later<State, Command, Outcome, Own, Answer> {
  return { kind: 'later', decision };
}
