import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../build/bundle.ts';
import { projectsOf } from '../build/projects.ts';
import { sourceArgs, workspaceRoot } from '../workspace.ts';

/** How a test runs what stands in an app's `src`. */
export interface Programs {
  /** The arguments of `node` for `main` or `migrate` of an app. */
  argsOf(app: string, entry: 'main' | 'migrate'): string[];
  discard(): void;
}

/** As they stand, as `nx serve` runs them. */
export const sources: Programs = {
  argsOf: (app, entry) => sourceArgs(`apps/${app}/src/${entry}.ts`),
  discard: () => {},
};

/** As they are deployed: made once, and then each process starts in half the time. */
export async function bundled(apps: readonly string[]): Promise<Programs> {
  // Where packages are found as they are from the workspace.
  const cache = join(workspaceRoot, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'aisle-'));
  for (const app of apps) await bundle(projectsOf(`apps/${app}`), join(folder, app));
  return {
    argsOf: (app, entry) => ['--enable-source-maps', join(folder, app, `${entry}.js`)],
    discard: () => rmSync(folder, { recursive: true, force: true }),
  };
}
