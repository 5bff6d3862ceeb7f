import { textProblem } from '../text.ts';
import { readBound } from './scope.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const STACKS = ['stack', 'exclusive', 'best-of'];
const SCOPE_LISTS = ['markets', 'skus', 'categories', 'excludedSkus', 'excludedCategories', 'currencies'];
const SCOPE_FIELDS = [...SCOPE_LISTS, 'from', 'until', 'daysOfWeek'];
const META_FIELDS = [
  'contract', 'name', 'version', 'kind', 'title', 'scope', 'priority', 'stack', 'group', 'params',
  'surcharge', 'needsTime', 'tests',
];

type Fields = Readonly<Record<string, unknown>>;

/** The problems of a strategy, one sentence each, which begins with the path of the fault. */
export function problemsOf(strategy: unknown, path: string): string[] {
  if (!isFields(strategy)) return [`${path}: expected a strategy`];
  const { meta, price, sha256, previous } = strategy;
  const problems: string[] = [];
  if (typeof price !== 'function') problems.push(`${path}.price: expected a function`);
  if (!matches(sha256, SHA256)) problems.push(`${path}.sha256: expected 64 hexadecimal digits`);
  problems.push(...metaProblems(meta, `${path}.meta`));
  if (previous === undefined) return problems;

  problems.push(...problemsOf(previous, `${path}.previous`));
  const before = isFields(previous) ? previous['meta'] : undefined;
  if (isFields(before) && isFields(meta)) {
    for (const field of ['name', 'kind']) {
      if (before[field] !== meta[field]) {
        problems.push(`${path}.previous.meta.${field}: expected that of its successor`);
      }
    }
  }
  return problems;
}

/** The problems of a meta, one sentence each, which begins with the path of the fault. */
export function metaProblems(meta: unknown, path: string): string[] {
  if (!isFields(meta)) return [`${path}: expected an object`];
  const problems = unknownFields(meta, META_FIELDS, path);
  const expect = (holds: boolean, field: string, what: string): void => {
    if (!holds) problems.push(`${path}.${field}: expected ${what}`);
  };
  const { contract, name, version, kind, title, priority, stack, group, tests } = meta;
  expect(contract === 1, 'contract', '1');
  expect(matches(name, NAME), 'name', 'a name of letters, digits, dots and dashes, at most 64');
  expect(matches(version, NAME), 'version', 'a version such as 1.0.0');
  expect(kind === 'line' || kind === 'basket', 'kind', 'line or basket');
  expect(isText(title, 200), 'title', 'a text of 1 to 200 characters');
  expect(Number.isFinite(priority), 'priority', 'a finite number');
  expect(STACKS.includes(stack as string), 'stack', STACKS.join(', '));
  if (stack === 'best-of') expect(isText(group, 64), 'group', 'the name of its best-of group');
  else expect(group === undefined, 'group', 'no group unless stack is best-of');
  expect(isFlag(meta['surcharge']), 'surcharge', 'true or false');
  expect(isFlag(meta['needsTime']) || meta['needsTime'] === 'second', 'needsTime', 'true, false or second');
  expect(Array.isArray(tests), 'tests', 'a list');
  return [...problems, ...scopeProblems(meta['scope'], `${path}.scope`)];
}

const DEPTH_MAX = 32;

/**
 * The parts of a JSON value, such as a meta, that no storage accepts: texts and names that are not UTF-8, and nesting
 * that is too deep.
 */
export function jsonProblems(value: unknown, path: string, depth = 0): string[] {
  if (typeof value === 'string') {
    const problem = textProblem(value);
    return problem ? [`${path}: has ${problem}`] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (depth === DEPTH_MAX) return [`${path}: is nested more than ${DEPTH_MAX} deep`];
  const problems: string[] = [];
  for (const [name, part] of Object.entries(value)) {
    const problem = textProblem(name);
    if (problem) problems.push(`${path}: has a name with ${problem}`);
    else problems.push(...jsonProblems(part, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`, depth + 1));
    if (problems.length > 0) break;
  }
  return problems;
}

function scopeProblems(scope: unknown, path: string): string[] {
  if (!isFields(scope)) return [`${path}: expected an object`];
  const problems = unknownFields(scope, SCOPE_FIELDS, path);
  for (const field of SCOPE_LISTS) {
    if (isListOf(scope[field], (entry) => isText(entry, 200))) continue;
    problems.push(`${path}.${field}: expected a list of names that is not empty`);
  }
  if (!isListOf(scope['daysOfWeek'], isWeekday)) {
    problems.push(`${path}.daysOfWeek: expected ISO weekdays, 1 (Monday) to 7 (Sunday)`);
  }
  for (const field of ['from', 'until']) {
    const bound = scope[field];
    if (bound === undefined) continue;
    if (typeof bound === 'string' && readBound(bound)) continue;
    problems.push(`${path}.${field}: expected an ISO 8601 date, or an instant with its offset`);
  }
  return problems;
}

// A misspelt field would widen a scope to everything, so it is refused.
function unknownFields(fields: Fields, known: readonly string[], path: string): string[] {
  return Object.keys(fields)
    .filter((field) => !known.includes(field))
    .map((field) => `${path}.${field}: no such field`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown, lengthMax: number): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= lengthMax;
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

function isWeekday(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 7;
}

// An empty list would never match. It is refused, because it is more likely a mistake than an intention.
function isListOf(value: unknown, holds: (entry: unknown) => boolean): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) && value.length > 0 && value.every(holds);
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
