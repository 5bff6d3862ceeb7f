import { NotAnswered } from '../failures.ts';
import { StrategyFailed } from './answer.ts';
import type { Asker, BasketInput, LineInput, Patience, Priced, QuestionPlace } from '../strategy.ts';
import type { Candidate } from './selection.ts';

type Input = LineInput | BasketInput;

/** What a computation has to know before it can go on. */
export interface Question {
  readonly candidate: Candidate;
  /** The place of the candidate's step in its phase. */
  readonly step: number;
  readonly input: Input;
  /** What the steps to come will ask, at nets as they are now. */
  ahead(): Question[];
}

/** A pure computation that pauses at each question, and is resumed with its answer. */
export type Asking<R> = Generator<Question, R, Priced>;

/** Runs to the end at once. Throws `pricing.not-answered` where a strategy has to be asked. */
export function atOnce<R>(asking: Asking<R>): R {
  const step = asking.next();
  if (step.done) return step.value;
  const { name, version } = step.value.candidate.strategy.meta;
  throw new NotAnswered(name, version);
}

interface Paused<R> {
  readonly at: number;
  readonly asking: Asking<R>;
  readonly question: Question;
}

// For so few lines a trip costs more than the questions too many, and what they will ask further on goes along. Of more, each
// rule is asked in its turn, about all of them: there is always something under way.
const FEW = 16;

/** Lines that go through their rounds together; of more, some are looked at while others are answered. */
const TOGETHER_MAX = 100;

let rounds = 0;

/**
 * Runs computations to their ends side by side, in rounds: what many of them have to know next is asked
 * together, one question list a strategy, so that a round costs one trip whatever the number of lines.
 * Strategies that are asked ahead and answer elsewhere follow there what those before them do to the
 * price, and remember: when their turn comes they mostly answer at once.
 */
export async function settle<R>(askings: readonly Asking<R>[], patience: Patience = 'keystroke'): Promise<R[]> {
  const asker = { patience };
  const settled: Promise<R[]>[] = [];
  for (let from = 0; from < askings.length; from += TOGETHER_MAX) {
    settled.push(settleTogether(askings.slice(from, from + TOGETHER_MAX), asker));
    // What these ask leaves before the next are looked at.
    await Promise.resolve();
  }
  return (await Promise.all(settled)).flat();
}

async function settleTogether<R>(askings: readonly Asking<R>[], asker: Asker): Promise<R[]> {
  const results: R[] = [];
  let paused: Paused<R>[] = [];
  const note = (at: number, asking: Asking<R>, step: IteratorResult<Question, R>): void => {
    if (step.done) results[at] = step.value;
    else paused.push({ at, asking, question: step.value });
  };
  askings.forEach((asking, at) => note(at, asking, asking.next()));

  while (paused.length > 0) {
    const round = paused;
    const answers = await answersTo(round.map(({ question }) => question), asker);
    paused = [];
    round.forEach(({ at, asking }, index) => {
      const answer = answers[index] ?? new StrategyFailed('gave no answer');
      note(at, asking, answer instanceof Error ? asking.throw(answer) : asking.next(answer));
    });
  }
  return results;
}

function isUnknown({ candidate: { strategy, ctx }, input }: Question): boolean {
  try {
    return strategy.price(input, ctx) === undefined;
  } catch {
    // It has failed on this before.
    return false;
  }
}

/** What one candidate is asked. */
interface AskList {
  readonly step: number;
  readonly inputs: Input[];
  /** The lines or baskets that the inputs are of. */
  readonly targets: number[];
  /** None where nothing is asked ahead. */
  readonly places: QuestionPlace[];
}

/** Without an answer, one has given none. */
async function answersTo(questions: readonly Question[], asker: Asker): Promise<(Priced | Error | undefined)[]> {
  const round = questions.length > FEW ? 0 : (rounds += 1);
  const lists = new Map<Candidate, AskList>();
  const note = ({ candidate, step, input }: Question, target: number, isAhead: boolean): void => {
    const list = lists.get(candidate) ?? { step, inputs: [], targets: [], places: [] };
    lists.set(candidate, list);
    list.inputs.push(input);
    list.targets.push(target);
    if (round !== 0) list.places.push({ round, target, isAhead });
  };
  questions.forEach((question, target) => {
    note(question, target, false);
    if (round === 0) return;
    for (const later of question.ahead()) if (isUnknown(later)) note(later, target, true);
  });

  const answers: (Priced | Error | undefined)[] = questions.map(() => undefined);
  // In the order of their steps: each follows those before it.
  const inOrder = [...lists].sort(([, a], [, b]) => a.step - b.step);
  await Promise.all(inOrder.map(async ([{ strategy, ctx }, { inputs, targets, places }]) => {
    const given = await strategy.ask?.(inputs, ctx, places, asker);
    targets.forEach((target, at) => {
      if (!places[at]?.isAhead) answers[target] = given?.[at];
    });
  }));
  return answers;
}
