import type { StandardSchemaV1 } from '@standard-schema/spec';
import { failures } from '@aisle/std';

type Issue = StandardSchemaV1.Issue;

/** Enough to correct a request; 500 errors for a batch of 500 bad operations would say no more. */
const ERRORS_MAX = 20;
/** A message may repeat parts of the input, such as the names of ten thousand unknown properties. */
const MESSAGE_CHARS_MAX = 300;

interface InputError {
  /** The path in the input, such as `items.0.quantity`. */
  readonly path: string;
  /** A description of correct input. */
  readonly message: string;
}

/** Failures of the input of a route or an operation. */
export const InputFailure = failures('input', {
  invalid: [
    'invalid', 'the request does not fit its schema; errors says where and what would be right',
    (issues: readonly Issue[]) => ({ errors: onceEach(issues.flatMap((issue) => errorsOf(issue, []))).slice(0, ERRORS_MAX) }),
  ],
});

function errorsOf(issue: Issue, parents: readonly string[]): InputError[] {
  const path = [
    ...parents,
    ...(issue.path ?? []).map((key) => String(typeof key === 'object' ? key.key : key)),
  ];
  const nearest = nearestAlternative(issue);
  if (nearest) return nearest.flatMap((nested) => errorsOf(nested, path));
  return [{ path: shortened(path.join('.')), message: shortened(issue.message) }];
}

function shortened(text: string): string {
  return text.length > MESSAGE_CHARS_MAX ? `${text.slice(0, MESSAGE_CHARS_MAX)}…`.toWellFormed() : text;
}

/** Removes duplicates: a number may violate two rules that have the same message. */
function onceEach(errors: readonly InputError[]): InputError[] {
  return [...new Map(errors.map((error) => [`${error.path}\n${error.message}`, error])).values()];
}

/** Of a union's alternatives, the one that the input matched furthest: the client most likely meant that one. */
function nearestAlternative(issue: Issue): readonly Issue[] | undefined {
  const { errors = [] } = issue as { errors?: readonly (readonly Issue[])[] };
  const depth = (issues: readonly Issue[]): number =>
    Math.max(...issues.map(({ path = [] }) => path.length));
  const [first, ...others] = errors.filter(({ length }) => length > 0);
  return others.reduce((best, issues) => (best && depth(issues) > depth(best) ? issues : best), first);
}
