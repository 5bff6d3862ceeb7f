import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../build/bundle.ts';
import { projectsOf } from '../build/projects.ts';
import { workspaceRoot } from '../workspace.ts';

/** The way in which a test runs the entry files of an app. */
export interface Programs {
  /** The digest of their sources. */
  readonly digest: string;
  /** The arguments of `node` for `main` or `migrate` of an app. */
  argsOf(app: string, entry: 'main' | 'migrate'): string[];
}

// A place from which packages are found as from the workspace.
const CACHE = join(workspaceRoot, 'node_modules', '.cache', 'aisle-programs');
const UNUSED_FOR_MS = 60 * 60 * 1_000;

/**
 * Apps as they are deployed. They are bundled once for all tests with the same sources, and each process then starts in
 * a third of the time that it takes from source.
 */
export async function bundled(apps: readonly string[]): Promise<Programs> {
  const digest = digestOfSources();
  const folder = join(CACHE, digest);
  mkdirSync(folder, { recursive: true });
  forgetUnused(folder);
  for (const app of apps) await bundleOnce(app, join(folder, app));
  return { digest, argsOf: (app, entry) => ['--enable-source-maps', join(folder, app, `${entry}.js`)] };
}

/** Several tests may need it at once: each bundles for itself, and the first result is used by all. */
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

/** From the names and modification times of all files. */
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

/** Deletes bundles of outdated sources, unless they may still be in use. */
function forgetUnused(inUse: string): void {
  const now = new Date();
  utimesSync(inUse, now, now);
  for (const name of readdirSync(CACHE)) {
    const folder = join(CACHE, name);
    const usedAtMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (now.getTime() - usedAtMs > UNUSED_FOR_MS) rmSync(folder, { recursive: true, force: true });
  }
}
