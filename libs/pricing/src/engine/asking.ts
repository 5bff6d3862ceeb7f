import { PricingFailure } from '../failures.ts';
import { StrategyFailed } from './answer.ts';
import type { Asker, BasketInput, LineInput, Patience, Priced, QuestionPlace } from '../strategy.ts';
import type { Candidate } from './selection.ts';

type Input = LineInput | BasketInput;

/** A strategy's answer that a computation needs before it can go on. */
export interface Question {
  readonly candidate: Candidate;
  /** The index of the candidate's step in its phase. */
  readonly step: number;
  readonly input: Input;
  /** The questions of later steps, at the present nets. */
  ahead(): Question[];
}

/** A pure computation that pauses at each question and resumes with its answer. */
export type Asking<R> = Generator<Question, R, Priced>;

/** Runs to the end at once. Throws `pricing.not-answered` if a strategy has to be asked. */
export function atOnce<R>(asking: Asking<R>): R {
  const step = asking.next();
  if (step.done) return step.value;
  const { name, version } = step.value.candidate.strategy.meta;
  throw PricingFailure.notAnswered(name, version);
}

interface Paused<R> {
  readonly at: number;
  readonly asking: Asking<R>;
  readonly question: Question;
}

// Up to this many questions leave in one round, those of later steps included. Above it, one rule at a time is asked
// about all lines, so that no other basket waits long for its turn.
const ROUND_QUESTIONS_MAX = 2_048;

/** Lines that go through their rounds together. With more lines, some are prepared while others are answered. */
const TOGETHER_MAX = 100;

let rounds = 0;

/**
 * Runs computations side by side, in rounds. A round asks for everything that the computations need next, with one
 * question list per strategy, so it costs one trip regardless of the number of lines. Strategies outside the process
 * are also asked ahead: they follow the price changes of earlier strategies there, and remember their answers. When
 * their turn comes they mostly answer at once.
 */
export async function settle<R>(askings: readonly Asking<R>[], patience: Patience = 'keystroke'): Promise<R[]> {
  const asker = { patience };
  const settled: Promise<R[]>[] = [];
  for (let from = 0; from < askings.length; from += TOGETHER_MAX) {
    settled.push(settleTogether(askings.slice(from, from + TOGETHER_MAX), asker));
    // Let these questions leave before the next lines are prepared.
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
    // It failed on this input before.
    return false;
  }
}

/** The questions to one candidate. */
interface AskList {
  readonly step: number;
  readonly inputs: Input[];
  /** The lines or baskets of the inputs. */
  readonly targets: number[];
  /** Empty if nothing is asked ahead. */
  readonly places: QuestionPlace[];
}

/** A missing answer stays undefined. */
async function answersTo(questions: readonly Question[], asker: Asker): Promise<(Priced | Error | undefined)[]> {
  const firstAhead = questions[0]?.ahead() ?? [];
  const isRound = questions.length * (1 + firstAhead.length) <= ROUND_QUESTIONS_MAX;
  const round = isRound ? (rounds += 1) : 0;
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
    const ahead = target === 0 ? firstAhead : question.ahead();
    for (const later of ahead) if (isUnknown(later)) note(later, target, true);
  });

  const answers: (Priced | Error | undefined)[] = questions.map(() => undefined);
  // In step order: each strategy follows those before it.
  const inOrder = [...lists].sort(([, a], [, b]) => a.step - b.step);
  await Promise.all(inOrder.map(async ([{ strategy, ctx }, { inputs, targets, places }]) => {
    const given = await strategy.ask?.(inputs, ctx, places, asker);
    targets.forEach((target, at) => {
      if (!places[at]?.isAhead) answers[target] = given?.[at];
    });
  }));
  return answers;
}
