import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../build/bundle.ts';
import { projectsOf } from '../build/projects.ts';
import { workspaceRoot } from '../workspace.ts';

/** How a test runs what stands in an app's `src`. */
export interface Programs {
  /** Of the sources that they were made from. */
  readonly digest: string;
  /** The arguments of `node` for `main` or `migrate` of an app. */
  argsOf(app: string, entry: 'main' | 'migrate'): string[];
}

// Where packages are found as they are from the workspace.
const CACHE = join(workspaceRoot, 'node_modules', '.cache', 'aisle-programs');
const UNUSED_FOR_MS = 60 * 60 * 1_000;

/**
 * Apps as they are deployed. They are made once for all tests that run from the same sources, and then each process
 * starts in a third of the time that it takes from source.
 */
export async function bundled(apps: readonly string[]): Promise<Programs> {
  const digest = digestOfSources();
  const folder = join(CACHE, digest);
  mkdirSync(folder, { recursive: true });
  forgetUnused(folder);
  for (const app of apps) await bundleOnce(app, join(folder, app));
  return { digest, argsOf: (app, entry) => ['--enable-source-maps', join(folder, app, `${entry}.js`)] };
}

/** Several tests may want it at once: each makes its own, and the first one is taken by all. */
async function bundleOnce(app: string, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const made = `${folder}-${randomUUID()}`;
  await bundle(projectsOf(`apps/${app}`), made);
  try {
    renameSync(made, folder);
  } catch {
    rmSync(made, { recursive: true, force: true });
  }
}

/** Of what every file is called, and when it was changed. */
function digestOfSources(): string {
  const digest = createHash('sha256');
  for (const group of ['libs', 'apps']) {
    for (const project of readdirSync(join(workspaceRoot, group))) {
      const sources = join(workspaceRoot, group, project, 'src');
      if (!existsSync(sources)) continue;
      for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' }).sort()) {
        const stat = statSync(join(sources, file), { throwIfNoEntry: false });
        if (stat?.isFile()) digest.update(`${group}/${project}/${file} ${stat.size} ${stat.mtimeMs}\n`);
      }
    }
  }
  return digest.digest('hex').slice(0, 16);
}

/** Bundles of sources that have changed since, unless somebody may still run them. */
function forgetUnused(inUse: string): void {
  const now = new Date();
  utimesSync(inUse, now, now);
  for (const name of readdirSync(CACHE)) {
    const folder = join(CACHE, name);
    const usedAtMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (now.getTime() - usedAtMs > UNUSED_FOR_MS) rmSync(folder, { recursive: true, force: true });
  }
}
