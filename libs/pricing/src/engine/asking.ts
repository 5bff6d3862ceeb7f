import { NotAnswered } from '../failures.ts';
import { StrategyFailed } from './answer.ts';
import type { BasketInput, LineInput, Priced } from '../strategy.ts';
import type { Candidate } from './selection.ts';

/** What a computation has to know before it can go on. */
export interface Question {
  readonly candidate: Candidate;
  readonly input: LineInput | BasketInput;
  /** What will be asked in later steps should the price not change until then. */
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

// So few lines are asked about all their rules at once: a trip costs more than the questions too many, about rules that
// come after one which changes the price. Of more, each rule is asked in its turn, about all of them. A rule for whole
// baskets changes the price more often than not: for them nothing is asked ahead.
const FEW = 16;

/** Lines that go through their rounds together; of more, some are looked at while others are answered. */
const TOGETHER_MAX = 100;

/**
 * Runs computations to their ends side by side, in rounds: what many of them have to know next is asked
 * together, one question list a strategy, so that a round costs one trip whatever the number of lines.
 * What strategies were asked ahead they remember, and answer at once when their turn comes.
 */
export async function settle<R>(
  askings: readonly Asking<R>[], { ahead }: { ahead: boolean },
): Promise<R[]> {
  const settled: Promise<R[]>[] = [];
  for (let from = 0; from < askings.length; from += TOGETHER_MAX) {
    settled.push(settleTogether(askings.slice(from, from + TOGETHER_MAX), ahead));
    // What these ask leaves before the next are looked at.
    await Promise.resolve();
  }
  return (await Promise.all(settled)).flat();
}

async function settleTogether<R>(askings: readonly Asking<R>[], ahead: boolean): Promise<R[]> {
  const results: R[] = [];
  let paused: Paused<R>[] = [];
  const note = (at: number, asking: Asking<R>, step: IteratorResult<Question, R>): void => {
    if (step.done) results[at] = step.value;
    else paused.push({ at, asking, question: step.value });
  };
  askings.forEach((asking, at) => note(at, asking, asking.next()));

  while (paused.length > 0) {
    const round = paused;
    const questions = round.map(({ question }) => question);
    const later = ahead && questions.length <= FEW ? questions.flatMap((question) => question.ahead()) : [];
    const answers = await answersTo([...questions, ...later.filter(isUnknown)]);
    paused = [];
    round.forEach(({ at, asking }, index) => {
      const answer = answers[index] as Priced | Error;
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

async function answersTo(questions: readonly Question[]): Promise<(Priced | Error)[]> {
  const places = new Map<Candidate, number[]>();
  questions.forEach(({ candidate }, index) => {
    const known = places.get(candidate);
    if (known) known.push(index);
    else places.set(candidate, [index]);
  });
  const answers: (Priced | Error)[] = [];
  await Promise.all([...places].map(async ([{ strategy, ctx }, indexes]) => {
    const inputs = indexes.map((index) => (questions[index] as Question).input);
    const given = await strategy.ask?.(inputs, ctx);
    indexes.forEach((index, at) => {
      answers[index] = given?.[at] ?? new StrategyFailed('gave no answer');
    });
  }));
  return answers;
}
