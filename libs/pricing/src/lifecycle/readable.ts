import { isFailure } from '@aisle/std';
import { builtIn } from '../built-ins/built-in.ts';
import { metaProblems } from '../engine/meta.ts';
import { InvalidRules } from '../failures.ts';
import type { BuiltInConfig, BuiltInName } from '../built-ins/built-in.ts';

/** A version as it is stored, before anybody knows whether it can be read. */
export interface RawVersion {
  readonly name: string;
  readonly kind: string;
  readonly version: string;
  readonly meta: unknown;
  readonly use?: string | undefined;
}

/**
 * Why a stored version cannot be in force; undefined when it can. It asks for less than loading does: what was loaded
 * under the rules of then stays in force when those of today are stricter.
 */
export function unreadableReason({ name, kind, version, meta, use }: RawVersion): string | undefined {
  try {
    const problems = [...textProblems(meta, 'meta'), ...metaProblems(meta, 'meta')];
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

/** What a failure to read something stored says, in one line. */
export function reasonOf(thrown: unknown): string {
  const { message, details } = thrown as { readonly message: string; readonly details?: { readonly problems?: unknown } };
  const problems = isFailure(thrown) && Array.isArray(details?.problems) ? details.problems.join('; ') : '';
  return problems === '' ? message : problems;
}

/** The texts of a JSON value, keys included, that PostgreSQL cannot store: with U+0000, or half a surrogate pair. */
export function textProblems(value: unknown, path: string): string[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [`${path}: expected a text without U+0000 and lone surrogates`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => isStorable(key)
    ? textProblems(part, pathIn(value, path, key))
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
