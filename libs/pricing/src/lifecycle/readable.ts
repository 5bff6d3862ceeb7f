import { isFailure } from '@aisle/std';
import { builtIn } from '../built-ins/built-in.ts';
import { metaProblems } from '../engine/meta.ts';
import { InvalidRules } from '../failures.ts';
import type { BuiltInConfig, BuiltInName } from '../built-ins/built-in.ts';

/** A stored version that has not been checked yet. */
export interface RawVersion {
  readonly name: string;
  readonly kind: string;
  readonly version: string;
  readonly meta: unknown;
  readonly use?: string | undefined;
}

/**
 * The reason why a stored version cannot be in force; undefined when it can. Loading asks for more: a rule that became
 * stricter since takes nothing out of force.
 */
export function unreadableReason({ name, kind, version, meta, use }: RawVersion): string | undefined {
  try {
    const problems = [...storageProblems(meta, 'meta'), ...metaProblems(meta, 'meta')];
    const found = meta as { readonly [field: string]: unknown };
    for (const [field, expected] of Object.entries({ name, kind, version })) {
      if (problems.length === 0 && found[field] !== expected) problems.push(`meta.${field}: expected '${expected}'`);
    }
    if (problems.length > 0) throw new InvalidRules(problems);
    if (use !== undefined) builtIn(use as BuiltInName, meta as BuiltInConfig);
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** The message of a failure to read something stored, in one line. */
export function reasonOf(thrown: unknown): string {
  const { message, details } = thrown as { readonly message: string; readonly details?: { readonly problems?: unknown } };
  const problems = isFailure(thrown) && Array.isArray(details?.problems) ? details.problems.join('; ') : '';
  return problems === '' ? message : problems;
}

/** Far more than any meta needs, and far less than a recursion can take. */
const DEPTH_MAX = 64;

/** The parts of a JSON value that cannot be stored or walked through: U+0000, half surrogate pairs, endless nesting. */
export function storageProblems(value: unknown, path: string, depth = 0): string[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [`${path}: expected a text without U+0000 and lone surrogates`];
  if (typeof value !== 'object' || value === null) return [];
  if (depth === DEPTH_MAX) return [`${path}: expected at most ${DEPTH_MAX} levels`];
  return Object.entries(value).flatMap(([key, part]) => isStorable(key)
    ? storageProblems(part, pathIn(value, path, key), depth + 1)
    : [`${path}: expected field names without U+0000 and lone surrogates`]);
}

/** The path of a field of an object, or of an entry of a list. */
export function pathIn(container: object, path: string, key: string): string {
  return Array.isArray(container) ? `${path}[${key}]` : `${path}.${key}`;
}

// Half a surrogate pair is no character: UTF-8 has no bytes for it.
function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
