import type { Reply, Submission } from '@aisle/journal';
import type { Failure } from '@aisle/std';
import type { Context, MaybePromise } from '@aisle/supervision';

/** An actor in memory, as its handlers see it. */
export interface ActorContext<State, Own> {
  /** The actor's whole key. */
  readonly key: string;
  /** Made by `begin` when the actor came to life; it may be changed in place. */
  readonly own: Own;
  /** The state by now, committed or not. It differs from the handler's once that awaited something. */
  readonly latest: State;
  /** Its process: for children, timers and its ref. */
  readonly process: Context;
}

/** Looks at the latest state, committed or not, and decides. A promise holds up the actor's next message until it settles. */
export type Ask<State, Command, Outcome, Own, Answer> = (
  state: State, actor: ActorContext<State, Own>,
) => MaybePromise<Decision<State, Command, Outcome, Own, Answer>>;

/** The decision of a handler; made by `commit`, `look` and `later`. */
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
 * Runs a command by the actor's rules, and answers after its commit. After a refusal for which `instead` names something, that
 * is asked in a turn of its own, and its answer is the answer.
 */
export function commit<State, Command, Outcome, Own, Answer>(
  submission: Submission<Command>,
  answer: (reply: Reply<State, Outcome>) => Answer,
  instead?: (refusal: Failure) => Ask<State, Command, Outcome, Own, Answer> | undefined,
): Commit<State, Command, Outcome, Own, Answer> {
  return { kind: 'commit', submission, answer, instead };
}

/** Answers by the committed state, once all that came before is answered. What `look` throws is the answer too. */
export function look<State, Answer>(at: (state: State) => Answer): Look<State, Answer> {
  return { kind: 'look', look: at };
}

/** Decides when the promise settles, while the actor goes on with other messages. */
export function later<State, Command, Outcome, Own, Answer>(
  decision: Promise<Decision<State, Command, Outcome, Own, Answer>>,
): Later<State, Command, Outcome, Own, Answer> {
  return { kind: 'later', decision };
}
