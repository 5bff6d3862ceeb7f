import { ContractBroken, StrategyFailed, checkAnswer } from './answer.ts';
import type { Draft } from '../freeze.ts';
import type { Adjustment, BasketInput, LineInput, Skip } from '../strategy.ts';
import type { StrategyAnswer } from './answer.ts';
import type { Asking, Question } from './asking.ts';
import type { AppliedAdjustment, SkippedRule } from './priced.ts';
import type { Candidate, SelectionStep } from './selection.ts';

/** The present state of the target, as a candidate sees it. */
export interface View {
  readonly input: LineInput | BasketInput;
}

/** The target of a phase: a line or a basket. */
export interface Target<V extends View> {
  /** Undefined if no part of the target is in the candidate's scope. */
  view(candidate: Candidate): V | undefined;
  /** Applies adjustments. They never bring the view's net below zero. */
  apply(view: V, adjustments: readonly AppliedAdjustment[]): void;
}

/** The adjustments and skipped rules of a phase. */
export interface PhaseRecord {
  readonly adjustments: AppliedAdjustment[];
  readonly skipped: SkippedRule[];
  degraded: boolean;
}

interface Run<V extends View> {
  readonly steps: readonly SelectionStep[];
  readonly target: Target<V>;
  readonly record: PhaseRecord;
  /** The index of the present step. */
  step: number;
}

interface StepOutcome<V> {
  readonly candidate: Candidate;
  readonly view: V;
  readonly adjustments: readonly AppliedAdjustment[];
  readonly amountMinor: number;
}

/**
 * Runs the steps of a phase in order over a target, which only `apply` changes. It pauses when a strategy has to be
 * asked, and resumes with the answer.
 */
export function* runPhase<V extends View>(
  steps: readonly SelectionStep[], target: Target<V>,
): Asking<PhaseRecord> {
  const record: PhaseRecord = { adjustments: [], skipped: [], degraded: false };
  const run: Run<V> = { steps, target, record, step: 0 };
  for (let index = 0; index < steps.length; index += 1) {
    run.step = index;
    const step = steps[index] as SelectionStep;
    let outcome: StepOutcome<V> | undefined;
    if (step.length > 1) {
      outcome = yield* evaluateGroup(step, run);
    } else {
      // Most rules are for other products, and an idle generator costs as much as a busy one.
      const view = target.view(step[0]);
      outcome = view && (yield* evaluate(step[0], view, run));
    }
    if (outcome === undefined || outcome.adjustments.length === 0) continue;

    target.apply(outcome.view, outcome.adjustments);
    record.adjustments.push(...outcome.adjustments);
    if (step[0].strategy.meta.stack !== 'exclusive') continue;

    const reason = `${step[0].strategy.meta.name} applies alone`;
    for (const member of steps.slice(index + 1).flat()) {
      if (target.view(member)) record.skipped.push(skipOf(member, { code: 'exclusive', reason }));
    }
    break;
  }
  return record;
}

function questionOf<V extends View>(
  candidate: Candidate, { input }: View, { steps, step, target }: Run<V>,
): Question {
  return { candidate, step, input, ahead: () => questionsAfter(steps, step, target) };
}

/** The questions of later steps, if no rule before them changed the price. */
function questionsAfter<V extends View>(
  steps: readonly SelectionStep[], at: number, target: Target<V>,
): Question[] {
  const questions: Question[] = [];
  for (let step = at + 1; step < steps.length; step += 1) {
    for (const candidate of steps[step] as SelectionStep) {
      const view = candidate.strategy.ask && target.view(candidate);
      if (view) questions.push({ candidate, step, input: view.input, ahead: () => [] });
    }
  }
  return questions;
}

/** Every member sees the same target. A member that does not apply counts as a discount of zero. */
function* evaluateGroup<V extends View>(
  step: SelectionStep, run: Run<V>,
): Asking<StepOutcome<V> | undefined> {
  const { target, record } = run;
  let best: StepOutcome<V> | undefined;
  const outcomes: StepOutcome<V>[] = [];
  for (const member of step) {
    const view = target.view(member);
    const outcome = view && (yield* evaluate(member, view, run));
    if (outcome === undefined) continue;
    outcomes.push(outcome);
    if (best === undefined || outcome.amountMinor < best.amountMinor) best = outcome;
  }
  for (const { candidate, adjustments } of outcomes) {
    if (candidate === best?.candidate || adjustments.length === 0) continue;
    const reason = `${best?.candidate.strategy.meta.name} is at least as good`;
    record.skipped.push(skipOf(candidate, { code: 'best-of', reason }));
  }
  return best;
}

/** Asks a candidate, and its previous version if it fails, and records the answer. */
function* evaluate<V extends View>(
  candidate: Candidate, view: V, run: Run<V>,
): Asking<StepOutcome<V> | undefined> {
  const { strategy, ctx, previous } = candidate;
  const { input } = view;
  let answer: StrategyAnswer;
  try {
    const known: unknown = strategy.price(input, ctx);
    const output = known === undefined && strategy.ask
      ? yield questionOf(candidate, view, run)
      : known;
    const { kind, surcharge } = strategy.meta;
    answer = checkAnswer(output, { kind, netMinor: input.netMinor, surcharge: surcharge === true });
  } catch (thrown) {
    recordFailure(candidate, thrown, run.record);
    const before = previous && run.target.view(previous);
    return before && (yield* evaluate(previous, before, run));
  }
  return outcomeOf(candidate, view, answer, run.record);
}

function recordFailure(candidate: Candidate, thrown: unknown, record: PhaseRecord): void {
  // The cause is not lost: strategies are pure, so the recorded version and input reproduce it.
  const isOwnWord = thrown instanceof ContractBroken || thrown instanceof StrategyFailed;
  record.degraded = true;
  const reason = isOwnWord ? thrown.message : 'threw an error';
  record.skipped.push(skipOf(candidate, { code: 'failed', reason }));
}

function outcomeOf<V extends View>(
  candidate: Candidate, view: V, answer: StrategyAnswer, record: PhaseRecord,
): StepOutcome<V> {
  for (const skip of answer.skipped) record.skipped.push(skipOf(candidate, skip));
  const amountMinor = Math.max(answer.amountMinor, -view.input.netMinor);
  const adjustments = clamp(answer, amountMinor, candidate, record);
  return { candidate, view, adjustments, amountMinor };
}

/** Shortens the last discounts until nothing goes below zero. */
function clamp(
  { adjustments, amountMinor: askedMinor }: StrategyAnswer,
  amountMinor: number,
  candidate: Candidate,
  record: PhaseRecord,
): AppliedAdjustment[] {
  let excessMinor = amountMinor - askedMinor;
  const applied: AppliedAdjustment[] = [];
  for (let index = adjustments.length - 1; index >= 0; index -= 1) {
    const adjustment = adjustments[index] as Adjustment;
    const cutMinor = Math.min(excessMinor, Math.max(0, -adjustment.amountMinor));
    excessMinor -= cutMinor;
    if (cutMinor > 0 && cutMinor === -adjustment.amountMinor) {
      const reason = 'nothing is left to take off';
      record.skipped.push(skipOf(candidate, { code: 'already-free', reason }));
      continue;
    }
    applied.push(appliedBy(candidate, adjustment, adjustment.amountMinor + cutMinor));
  }
  return applied.reverse();
}

function appliedBy(
  { strategy }: Candidate, { code, message, units }: Adjustment, amountMinor: number,
): AppliedAdjustment {
  const { name, version } = strategy.meta;
  const { sha256 } = strategy;
  const applied: Draft<AppliedAdjustment> = {
    code, amountMinor, message, strategy: name, version, sha256,
  };
  if (units !== undefined) applied.units = units;
  return Object.freeze(applied);
}

function skipOf({ strategy }: Candidate, { code, reason, unitsNeeded }: Skip): SkippedRule {
  const { name, version } = strategy.meta;
  const skipped: Draft<SkippedRule> = { code, reason, strategy: name, version };
  if (unitsNeeded !== undefined) skipped.unitsNeeded = unitsNeeded;
  return Object.freeze(skipped);
}
