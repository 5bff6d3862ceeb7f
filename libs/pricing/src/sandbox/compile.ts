import { transform } from 'esbuild';
import { InvalidSource } from './failures.ts';
import { LIMITS } from './limits.ts';

/**
 * Makes what the sandbox runs of a strategy's source: a module in TypeScript or JavaScript whose
 * default export is the strategy, without imports and top-level `await`. Types go unchecked; that is an
 * editor's work. esbuild runs in a process of its own, so no source brings this one down.
 * Throws `strategy.source`.
 */
export async function compile(source: string): Promise<string> {
  if (Buffer.byteLength(source) > LIMITS.sourceBytes) {
    throw new InvalidSource([`the source has more than ${LIMITS.sourceBytes} bytes`]);
  }
  let code: string;
  try {
    ({ code } = await transform(source, {
      loader: 'ts', format: 'iife', globalName: 'strategy', target: 'es2022', logLevel: 'silent',
      minifyWhitespace: true, legalComments: 'none', tsconfigRaw: '{}',
    }));
  } catch (thrown) {
    throw new InvalidSource(problemsOf(thrown));
  }
  return code;
}

interface BuildProblem {
  readonly text: string;
  readonly location: { readonly line: number; readonly column: number } | null;
}

function problemsOf(thrown: unknown): string[] {
  const { errors } = thrown as { errors?: readonly BuildProblem[] };
  if (!Array.isArray(errors)) return ['the compiler failed'];
  return (errors as readonly BuildProblem[]).slice(0, 10).map(({ text, location }) =>
    location ? `${location.line}:${location.column + 1} ${text}` : text);
}
