import { isUnit, readBound } from '../engine/scope.ts';
import { textProblem } from '../text.ts';
import type { BasketInput, LineInput, Lot, Meta, PricingContext, TestCase } from '../strategy.ts';
import type { Answered, ScriptVersion } from '../sandbox/script.ts';
import type { Sandbox, Trial } from '../sandbox/sandbox.ts';

/** The result of a validation. */
export interface Validation {
  readonly passed: boolean;
  /** One sentence each; empty if it passed. */
  readonly problems: readonly string[];
}

const BUDGET_LINES = 200;
const PROBLEMS_MAX = 20;
const NAME_CHARS_MAX = 100;

/**
 * Tries a version before it may price anything: its own tests, then 200 lines, all within the budget of a trial. The
 * answers pass the same checks, by the same code, as those of live prices.
 */
export async function validate(sandbox: Pick<Sandbox, 'try'>, version: ScriptVersion): Promise<Validation> {
  const { meta } = version;
  const { tests } = meta;
  if (tests.length === 0) return refused(['meta.tests: expected at least one test']);
  const malformed = tests.flatMap((test, at) => testProblems(test, meta.kind, `meta.tests[${at}]`));
  if (malformed.length > 0) return refused(malformed);

  const trials = [...tests.map((test) => trialOf(meta, test)), ...budgetTrials(meta)];
  const answers = await sandbox.try(version, trials);
  // A fault that breaks the context is the answer to all later trials, so it is reported once.
  const problems = tests.flatMap((test, at) =>
    (at > 0 && answers[at] === answers[at - 1] ? [] : outcomeProblems(test, answers[at] as Answered)));
  if (problems.length > 0) return refused(problems);
  const fault = answers.slice(tests.length).find((answer) => answer instanceof Error);
  return refused(fault ? [`on a basket of ${BUDGET_LINES} lines it ${fault.message}${failureText(fault)}`] : []);
}

function refused(problems: readonly string[]): Validation {
  return { passed: problems.length === 0, problems: [...new Set(problems)].slice(0, PROBLEMS_MAX) };
}

// A test comes from a script's JSON, so it may have any shape.
function testProblems(test: TestCase, kind: Meta['kind'], path: string): string[] {
  const { name, input, now, expect } = (test ?? {}) as Partial<TestCase>;
  if (typeof name !== 'string') return [`${path}.name: expected a text`];
  if (now !== undefined && (typeof now !== 'string' || !readBound(now))) return [`${path}.now: expected a date or an instant`];
  const isInput = kind === 'line' ? isLine(input) : isBasket(input);
  if (!isInput) return [`${path}.input: expected a ${kind}`];
  if (!Number.isSafeInteger(expect?.netMinor)) return [`${path}.expect.netMinor: expected an amount`];
  const codes: unknown = expect?.codes;
  if (codes !== undefined && !isListOf(codes, isText)) return [`${path}.expect.codes: expected a list of texts`];
  return [];
}

function isLine(input: unknown): boolean {
  if (typeof input !== 'object' || input === null) return false;
  const { sku, quantity, unitPriceMinor, netMinor, unit, category, taxCategory, attributes, lots } = input as Partial<LineInput>;
  return isText(sku) && isCount(quantity) && isCount(unitPriceMinor) && isCount(netMinor)
    && (unit === undefined || isUnit(unit))
    && (category === undefined || isText(category)) && (taxCategory === undefined || isText(taxCategory))
    && (attributes === undefined || (typeof attributes === 'object' && attributes !== null))
    && (lots === undefined || isListOf(lots, isLot));
}

function isLot(lot: unknown): boolean {
  const { lot: name, quantity, expiresOn } = (lot ?? {}) as Partial<Lot>;
  return isText(name) && isCount(quantity) && isText(expiresOn);
}

function isBasket(input: unknown): boolean {
  if (typeof input !== 'object' || input === null) return false;
  const { lines, grossMinor, netMinor, coupons } = input as Partial<BasketInput>;
  return isListOf(lines, isLine) && isCount(netMinor)
    && (grossMinor === undefined || isCount(grossMinor)) && (coupons === undefined || isListOf(coupons, isText));
}

function isListOf(value: unknown, holds: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && textProblem(value) === undefined;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function outcomeProblems({ name: whole, input, expect }: TestCase, answer: Answered): string[] {
  const name = whole.slice(0, NAME_CHARS_MAX);
  if (answer instanceof Error) return [`'${name}' ${answer.message}${failureText(answer)}`];
  const applied = answer.adjustments.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const netMinor = Math.max(0, input.netMinor + applied);
  const problems: string[] = [];
  if (netMinor !== expect.netMinor) {
    problems.push(`'${name}' comes to ${netMinor}, expected ${expect.netMinor}`);
  }
  const codes = answer.adjustments.map(({ code }) => code).join();
  if (expect.codes && codes !== expect.codes.join()) {
    problems.push(`'${name}' applies [${codes}], expected [${expect.codes.join()}]`.slice(0, 1_000));
  }
  return problems;
}

function failureText(answer: Error): string {
  const { text } = answer as { text?: string };
  return text ? `: ${text}` : '';
}

function trialOf({ kind, scope }: Meta, { input, now }: TestCase): Trial {
  return {
    // A test may omit the basket's coupons.
    input: kind === 'basket' ? { ...input, coupons: (input as BasketInput).coupons ?? [] } as BasketInput : input,
    context: { ...contextOf(scope), ...(now === undefined ? {} : { now: instantOf(now) }) },
  };
}

/** A day stands for its first instant. */
function instantOf(dayOrInstant: string): string {
  return dayOrInstant.includes('T') ? dayOrInstant : `${dayOrInstant}T00:00:00Z`;
}

function contextOf({ markets, currencies, from }: Meta['scope']): PricingContext {
  return {
    now: instantOf(from ?? '2026-01-01'), market: markets?.[0] ?? 'm1', currency: currencies?.[0] ?? 'GBP',
  };
}

function budgetTrials({ kind, scope }: Meta): Trial[] {
  const lines = Array.from({ length: BUDGET_LINES }, (_, at): LineInput => {
    const unitPriceMinor = 50 + at * 7;
    const quantity = 1 + (at % 12);
    return {
      sku: scope.skus?.[at % scope.skus.length] ?? `SKU-${at}`,
      quantity,
      unitPriceMinor,
      netMinor: unitPriceMinor * quantity,
      ...(scope.categories ? { category: scope.categories[at % scope.categories.length] } : {}),
    };
  });
  const context = contextOf(scope);
  if (kind === 'line') return lines.map((input) => ({ input, context }));
  const netMinor = lines.reduce((sum, line) => sum + line.netMinor, 0);
  return [{ input: { lines, grossMinor: netMinor, netMinor, coupons: [] }, context }];
}
