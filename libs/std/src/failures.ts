import { Failure, isFailure, type FailureDetails, type FailureFacts, type FailureKind } from './failure.ts';

type Details = (...args: never[]) => FailureDetails;
type Sentence = string | ((...args: never[]) => string);

/** A row of a table: kind, sentence, and where the failure has details, a function from its arguments to them. */
export type FailureRow = readonly [kind: FailureKind, sentence: Sentence, details?: Details];

/** Details and sentence get the same arguments; the details say which these are, where a row has them. */
type Arguments<R extends FailureRow> =
  R extends readonly [unknown, unknown, (...args: infer A) => unknown] ? A
    : R extends readonly [unknown, (...args: infer A) => unknown] ? A
      : [];

/** Makes the failures of one row. */
export interface FailureMaker<A extends readonly unknown[]> {
  (...args: A): Failure;
  readonly code: string;
  /** Whether this is a failure of this code, made here or in another process. */
  is(thrown: unknown): thrown is FailureFacts;
}

/** Codes of a table that do not follow `domain.row_in_snake_case`. */
export interface FailureCodes<Name extends PropertyKey> {
  /** Separates the words of a row's name: `_` unless told. */
  readonly separator?: '_' | '-';
  /** Rows whose code does not follow from their names. Two rows may have one code, with different kinds. */
  readonly codes?: Partial<Readonly<Record<Name, string>>>;
}

/** A row as documentation needs it. */
export interface DeclaredFailure {
  readonly code: string;
  readonly row: FailureRow;
}

const declared: DeclaredFailure[] = [];

/**
 * The failures of a domain as a table, from which their codes follow: `lineFull` of `basket` is `basket.line_full`. Codes are
 * public, so they outlive a renamed row. The trace of a failure begins where its row was called.
 */
export function failures<const T extends Readonly<Record<string, FailureRow>>>(
  domain: string,
  table: T,
  { separator = '_', codes = {} }: FailureCodes<keyof T> = {},
): { readonly [Name in keyof T]: FailureMaker<Arguments<T[Name]>> } {
  const codeOf = (name: string): string =>
    codes[name] ?? `${domain}.${name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase())}`;
  const makers = Object.entries(table).map(([name, row]) => [name, makerOf(codeOf(name), row)]);
  return Object.fromEntries(makers) as { readonly [Name in keyof T]: FailureMaker<Arguments<T[Name]>> };
}

/** The failures of all modules that are loaded, for the list of them in the documentation. */
export function declaredFailures(): readonly DeclaredFailure[] {
  return declared;
}

function makerOf(code: string, row: FailureRow): FailureMaker<never[]> {
  declared.push({ code, row });
  const [kind, sentence, details] = row;
  const make = (...args: never[]): Failure => {
    const message = typeof sentence === 'string' ? sentence : sentence(...args);
    const facts = { kind, code, message, details: details?.(...args) ?? {} };
    // The trace is the most expensive part of an error. Without a limit of 0 it would be captured twice.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    const failure = new Failure(facts);
    Error.stackTraceLimit = stackTraceLimit;
    Error.captureStackTrace(failure, make);
    return failure;
  };
  return Object.assign(make, {
    code,
    is: (thrown: unknown): thrown is FailureFacts => isFailure(thrown) && thrown.code === code,
  });
}
