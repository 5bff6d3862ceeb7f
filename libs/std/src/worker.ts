import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
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

/**
 * Starts a worker thread, from source (through the workspace's TypeScript hook), from a package's own
 * `dist`, or from a bundle, in which every worker is a file of its own. It sees no environment.
 */
export function startWorker({ name, beside, workerData, resourceLimits }: WorkerPlan): Worker {
  const folder = dirname(fileURLToPath(beside));
  const source = join(folder, `${name}.ts`);
  const options = { name, workerData, resourceLimits, env: {} };
  if (!beside.endsWith('.ts') || !existsSync(source)) {
    return new Worker(join(folder, `${name}.js`), { ...options, execArgv: [] });
  }
  const hook = pathToFileURL(hookAbove(folder)).href;
  const execArgv = ['--conditions=@aisle/source', '--import', hook];
  return new Worker(source, { ...options, execArgv });
}

function hookAbove(folder: string): string {
  const hook = join(folder, 'tools/dev/swc-hook.mjs');
  if (existsSync(hook)) return hook;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('a worker runs from source in the workspace alone');
  return hookAbove(parent);
}
