import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Which file a worker runs, and what it may have. */
export interface WorkerPlan {
  /** The file's name without its ending, such as `quickjs.worker`; a bundle knows it by that alone. */
  readonly name: string;
  /** `import.meta.url` of the module that starts it: the worker's file lies beside it. */
  readonly beside: string;
  readonly workerData: unknown;
  readonly resourceLimits: NonNullable<WorkerOptions['resourceLimits']>;
}

// A worker refuses V8's options, so it cannot have all of `process.execArgv`.
const LOADER_FLAG = /^(-C|--conditions|--import|--loader|--experimental-loader)(=|$)/;

/**
 * Starts a worker thread from source, from a package's own `dist`, or from a bundle, in which every worker is a file of its
 * own. A worker from source gets the flags by which this process resolves and loads modules. It sees no environment.
 */
export function startWorker({ name, beside, workerData, resourceLimits }: WorkerPlan): Worker {
  const folder = dirname(fileURLToPath(beside));
  const source = join(folder, `${name}.ts`);
  const isSource = beside.endsWith('.ts') && existsSync(source);
  const execArgv = isSource ? loaderFlags(process.execArgv) : [];
  return new Worker(isSource ? source : join(folder, `${name}.js`), { name, workerData, resourceLimits, env: {}, execArgv });
}

/** Those arguments of a Node process by which it resolves and loads modules, with their values. */
export function loaderFlags(execArgv: readonly string[]): string[] {
  return execArgv.filter((argument, at) => {
    const before = execArgv[at - 1] ?? '';
    return LOADER_FLAG.test(argument) || (LOADER_FLAG.test(before) && !before.includes('='));
  });
}
