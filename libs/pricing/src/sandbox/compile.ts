import { stop, transform } from 'esbuild';
import { textProblem } from '../text.ts';
import { InvalidSource } from './failures.ts';
import { LIMITS } from './limits.ts';
import type { Runtime } from '@aisle/std';

// One source at a time: when one has to be ended, esbuild's process goes, and with it whatever else it is at.
let last: Promise<unknown> = Promise.resolve();

/**
 * Makes what the sandbox runs of a strategy's source: a module in TypeScript or JavaScript whose
 * default export is the strategy, without imports and top-level `await`. Types go unchecked; that is an
 * editor's work. esbuild runs in a process of its own, so no source brings this one down, and a source that keeps
 * it busy costs that process: nested conditionals and arrows take it exponentially long. Throws `strategy.source`.
 */
export async function compile(source: string, runtime: Runtime): Promise<string> {
  if (Buffer.byteLength(source) > LIMITS.sourceBytes) {
    throw new InvalidSource([`the source has more than ${LIMITS.sourceBytes} bytes`]);
  }
  const problem = textProblem(source);
  if (problem) throw new InvalidSource([`the source has ${problem}`]);
  const compiled = last.then(() => compileNow(source, runtime));
  last = compiled.catch(() => undefined);
  return compiled;
}

async function compileNow(source: string, { timers }: Runtime): Promise<string> {
  const work = transform(source, {
    loader: 'ts', format: 'iife', globalName: 'strategy', target: 'es2022', logLevel: 'silent',
    minifyWhitespace: true, legalComments: 'none', tsconfigRaw: '{}',
  });
  return new Promise((resolve, reject) => {
    const timer = timers.after(LIMITS.compileMs, () => {
      // What it is at never settles then.
      void stop();
      reject(new InvalidSource([`the source takes longer to compile than ${LIMITS.compileMs} ms`]));
    });
    work
      .then(({ code }) => resolve(code), (thrown: unknown) => reject(new InvalidSource(problemsOf(thrown))))
      .finally(() => timer.cancel());
  });
}

interface BuildProblem {
  readonly text: string;
  readonly location: { readonly line: number; readonly column: number } | null;
}

function problemsOf(thrown: unknown): string[] {
  const { errors } = thrown as { errors?: readonly BuildProblem[] };
  if (!Array.isArray(errors)) return ['the compiler failed'];
  return (errors as readonly BuildProblem[]).slice(0, 10).map(({ text, location }) =>
    (location ? `${location.line}:${location.column + 1} ${text}` : text).slice(0, 500));
}
