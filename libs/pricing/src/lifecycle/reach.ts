import { readBound } from '../engine/scope.ts';
import type { Meta, Scope, TestCase } from '../strategy.ts';

const YEAR_0 = /^0000/;
const CURRENCY = /^[A-Z]{3}$/;

/**
 * The faults that keep a version from ever applying as its author intends. These are a period that ends before it
 * begins, a year 0 (no store of dates has it), and names that no product or market can have. Only the tests of `meta`
 * may still be malformed.
 */
export function reachProblems({ scope, tests }: Meta): string[] {
  const dates = [
    ['scope.from', scope.from], ['scope.until', scope.until],
    ...tests.map((test: Partial<TestCase> | null, at) => [`tests[${at}].now`, test?.now]),
  ] as const;
  return [
    ...dates.filter(([, date]) => YEAR_0.test(date ?? '')).map(([path]) => `${path}: expected a year from 0001 to 9999`),
    ...(endsFirst(scope) ? ['scope.until: expected an end that is not before scope.from'] : []),
    ...(['markets', 'skus', 'categories', 'excludedSkus', 'excludedCategories'] as const).flatMap((list) => nameProblems(scope[list], `scope.${list}`)),
    ...(scope.currencies ?? []).flatMap((code, at) => (CURRENCY.test(code) ? [] : [`scope.currencies[${at}]: expected an ISO 4217 code, such as GBP`])),
  ];
}

/** Days belong to the market's calendar, so they are comparable with days only. */
function endsFirst({ from, until }: Scope): boolean {
  const [begin, end] = [from, until].map((bound) => (bound === undefined ? undefined : readBound(bound)));
  if (!begin || !end) return false;
  if ('date' in begin) return 'date' in end && begin.date > end.date;
  return 'ms' in end && begin.ms >= end.ms;
}

/** Names of products and markets are in NFC, without surrounding spaces. */
function nameProblems(names: readonly string[] | undefined, path: string): string[] {
  return (names ?? []).flatMap((name, at) => (name === name.normalize('NFC').trim()
    ? [] : [`${path}[${at}]: expected a name in Unicode Normalization Form C (NFC), with no space around`]));
}
