import type { Random } from '@aisle/std';
import type { BasketInput, LineInput, Meta, PricingContext, TestCase } from '../strategy.ts';
import type { Answered, ScriptVersion } from '../sandbox/script.ts';
import type { Sandbox, Trial } from '../sandbox/sandbox.ts';

/** What validating a version found. */
export interface Validation {
  readonly passed: boolean;
  /** A sentence each; empty when it passed. */
  readonly problems: readonly string[];
}

const BUDGET_LINES = 200;
const PROBLEMS_MAX = 20;

/**
 * Tries a version before it may price anything: its own tests in order, and in another context
 * shuffled and twice over, so that a hidden counter shows; then 200 lines within its budget.
 */
export async function validate(
  sandbox: Pick<Sandbox, 'try'>, version: ScriptVersion, random: Random,
): Promise<Validation> {
  const { meta } = version;
  if (meta.tests.length === 0) return refused(['meta.tests: expected at least one test']);
  const malformed = meta.tests.flatMap((test, at) => testProblems(test, meta.kind, `meta.tests[${at}]`));
  if (malformed.length > 0) return refused(malformed);

  const problems: string[] = [];
  const twiceOver = [...shuffled(meta.tests, random), ...shuffled(meta.tests, random)];
  for (const order of [meta.tests, twiceOver]) {
    const answers = await sandbox.try(version, order.map((test) => trialOf(meta, test)));
    order.forEach((test, at) => problems.push(...outcomeProblems(test, answers[at] as Answered)));
  }
  const answers = await sandbox.try(version, budgetTrials(meta));
  const fault = answers.find((answer) => answer instanceof Error);
  if (fault) problems.push(`on a basket of ${BUDGET_LINES} lines it ${fault.message}${said(fault)}`);
  return refused([...new Set(problems)]);
}

function refused(problems: readonly string[]): Validation {
  return { passed: problems.length === 0, problems: problems.slice(0, PROBLEMS_MAX) };
}

// A test came out of a script's own JSON: it may be anything.
function testProblems(test: TestCase, kind: Meta['kind'], path: string): string[] {
  const { name, input, expect } = (test ?? {}) as Partial<TestCase>;
  if (typeof name !== 'string') return [`${path}.name: expected a text`];
  const isInput = kind === 'line'
    ? typeof (input as LineInput | undefined)?.sku === 'string'
    : Array.isArray((input as BasketInput | undefined)?.lines);
  if (!isInput || !Number.isSafeInteger(input?.netMinor)) return [`${path}.input: expected a ${kind}`];
  if (!Number.isSafeInteger(expect?.netMinor)) return [`${path}.expect.netMinor: expected an amount`];
  return [];
}

function outcomeProblems({ name, input, expect }: TestCase, answer: Answered): string[] {
  if (answer instanceof Error) return [`'${name}' ${answer.message}${said(answer)}`];
  const applied = (answer.adjustments ?? []).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const netMinor = Math.max(0, input.netMinor + applied);
  const problems: string[] = [];
  if (netMinor !== expect.netMinor) {
    problems.push(`'${name}' comes to ${netMinor}, expected ${expect.netMinor}`);
  }
  const codes = (answer.adjustments ?? []).map(({ code }) => code).join();
  if (expect.codes && codes !== expect.codes.join()) {
    problems.push(`'${name}' applies [${codes}], expected [${expect.codes.join()}]`);
  }
  return problems;
}

function said(answer: Error): string {
  const { text } = answer as { text?: string };
  return text ? `: ${text}` : '';
}

function trialOf({ kind, scope }: Meta, { input, now }: TestCase): Trial {
  return {
    // A basket's coupons may be left out of a test.
    input: kind === 'basket' ? { ...input, coupons: (input as BasketInput).coupons ?? [] } as BasketInput : input,
    context: { ...contextOf(scope), ...(now === undefined ? {} : { now }) },
  };
}

function contextOf({ markets, currencies, from }: Meta['scope']): PricingContext {
  return {
    now: from?.slice(0, 10) ?? '2026-01-01', market: markets?.[0] ?? 'm1', currency: currencies?.[0] ?? 'GBP',
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

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const other = random.int(at + 1);
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
  }
  return copy;
}
