import { isFailure } from '@aisle/std';
import { builtIn } from '../built-ins/built-in.ts';
import { jsonProblems, metaProblems } from '../engine/meta.ts';
import { PricingFailure } from '../failures.ts';
import type { BuiltInConfig, BuiltInName } from '../built-ins/built-in.ts';

/** A stored version before its check. */
export interface RawVersion {
  readonly name: string;
  readonly kind: string;
  readonly version: string;
  readonly meta: unknown;
  readonly use?: string | undefined;
}

/**
 * The reason why a stored version cannot be in force; undefined if it can. Loading checks more: a stricter rule must
 * not switch stored versions off.
 */
export function unreadableReason({ name, kind, version, meta, use }: RawVersion): string | undefined {
  try {
    const problems = [...jsonProblems(meta, 'meta'), ...metaProblems(meta, 'meta')];
    const found = meta as { readonly [field: string]: unknown };
    for (const [field, expected] of Object.entries({ name, kind, version })) {
      if (problems.length === 0 && found[field] !== expected) problems.push(`meta.${field}: expected '${expected}'`);
    }
    if (problems.length > 0) throw PricingFailure.rules(problems);
    if (use !== undefined) builtIn(use as BuiltInName, meta as BuiltInConfig);
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** The message of a failed read, in one line. */
export function reasonOf(thrown: unknown): string {
  const { message, details } = thrown as { readonly message: string; readonly details?: { readonly problems?: unknown } };
  const problems = isFailure(thrown) && Array.isArray(details?.problems) ? details.problems.join('; ') : '';
  return problems === '' ? message : problems;
}

/** The path of a field in an object, or of an entry in a list. */
export function pathIn(container: object, path: string, key: string): string {
  return Array.isArray(container) ? `${path}[${key}]` : `${path}.${key}`;
}
