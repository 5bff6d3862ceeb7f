import { stop, transform } from 'esbuild';
import { textProblem } from '../text.ts';
import { SandboxFailure } from './failures.ts';
import { LIMITS } from './limits.ts';
import type { Runtime } from '@aisle/std';

// One source at a time: ending a slow one ends esbuild's process, with everything else in it.
let last: Promise<unknown> = Promise.resolve();

/**
 * Compiles a strategy's source for the sandbox: a module in TypeScript or JavaScript whose default export is the
 * strategy, without imports and top-level `await`. Types are not checked; that is an editor's task. esbuild runs in a
 * process of its own, so no source can bring this one down. A source that keeps esbuild busy costs that process, since
 * nested conditionals and arrows take exponential time. Throws `strategy.source`.
 */
export async function compile(source: string, runtime: Runtime): Promise<string> {
  if (Buffer.byteLength(source) > LIMITS.sourceBytes) {
    throw SandboxFailure.sourceInvalid([`the source has more than ${LIMITS.sourceBytes} bytes`]);
  }
  const problem = textProblem(source);
  if (problem) throw SandboxFailure.sourceInvalid([`the source has ${problem}`]);
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
      // Its pending compilation never settles after that.
      void stop();
      reject(SandboxFailure.sourceInvalid([`the source takes longer to compile than ${LIMITS.compileMs} ms`]));
    });
    work
      .then(({ code }) => resolve(code), (thrown: unknown) => reject(SandboxFailure.sourceInvalid(problemsOf(thrown))))
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
