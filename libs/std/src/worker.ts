import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** The file that a worker runs, its data and its limits. */
export interface WorkerPlan {
  /** The file's name without extension, such as `quickjs.worker`. A bundle finds the file by this name alone. */
  readonly name: string;
  /** `import.meta.url` of the starting module; the worker's file is beside it. */
  readonly beside: string;
  readonly workerData: unknown;
  readonly resourceLimits: NonNullable<WorkerOptions['resourceLimits']>;
}

// A worker refuses V8 options, so it cannot get all of `process.execArgv`.
const LOADER_FLAG = /^(-C|--conditions|--import|--loader|--experimental-loader)(=|$)/;

/**
 * Starts a worker thread from source, from a package's `dist`, or from a bundle, where every worker is a separate file.
 * A worker from source gets this process's flags for resolving and loading modules. It gets no environment variables.
 */
export function startWorker({ name, beside, workerData, resourceLimits }: WorkerPlan): Worker {
  const folder = dirname(fileURLToPath(beside));
  const source = join(folder, `${name}.ts`);
  const isSource = beside.endsWith('.ts') && existsSync(source);
  const execArgv = isSource ? loaderFlags(process.execArgv) : [];
  return new Worker(isSource ? source : join(folder, `${name}.js`), { name, workerData, resourceLimits, env: {}, execArgv });
}

/** The arguments of a Node process that configure how it resolves and loads modules, with their values. */
export function loaderFlags(execArgv: readonly string[]): string[] {
  return execArgv.filter((argument, at) => {
    const before = execArgv[at - 1] ?? '';
    return LOADER_FLAG.test(argument) || (LOADER_FLAG.test(before) && !before.includes('='));
  });
}
