import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { APP_NAMES } from '../app-list.ts';
import { workspaceRoot } from '../workspace.ts';
import { bundle } from './bundle.ts';
import { projectsOf } from './projects.ts';

/** The apps, and all of them in one process, as deployed. */
export interface Programs {
  /** The digest of all their sources. */
  readonly digest: string;
  /** The arguments of `node` that run one of `ENTRIES`. */
  argsOf(entry: string): string[];
}

// A place from which packages are found as from the workspace.
const CACHE = join(workspaceRoot, 'node_modules', '.cache', 'aisle-programs');
const UNUSED_FOR_MS = 60 * 60 * 1_000;
// It depends on every app.
const WORKSPACE = 'tools/workspace';
const MONOLITH = `${WORKSPACE}/src/monolith`;
const ENTRIES = [...APP_NAMES.map((app) => `apps/${app}/src/main.ts`), `${MONOLITH}/main.ts`, `${MONOLITH}/migrate.ts`];

let underWay: Promise<Programs> | undefined;

/**
 * Programs of the present sources: built when a file has changed, otherwise taken from the cache. A process starts from
 * them in a fifth of the time that it takes from source.
 */
export function bundled(): Promise<Programs> {
  underWay ??= make().finally(() => (underWay = undefined));
  return underWay;
}

async function make(): Promise<Programs> {
  const digest = digestOfSources();
  const folder = join(CACHE, digest);
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(folder)) await bundleInto(folder);
  forgetUnused(folder);
  return {
    digest,
    argsOf: (entry) => [join(folder, `${nameOf(entry)}.js`)],
  };
}

/** Several processes may need it at once: each builds for itself, and the first result is used by all. */
async function bundleInto(folder: string): Promise<void> {
  const draft = `${folder}-${randomUUID()}`;
  try {
    await bundle(Object.fromEntries(ENTRIES.map((entry) => [nameOf(entry), entry])), projectsOf(WORKSPACE), draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** A name such as `orders-main`. */
function nameOf(entry: string): string {
  const [, project] = entry.split('/');
  return `${project}-${basename(entry, '.ts')}`;
}

/** From the name and the content of every source file. */
function digestOfSources(): string {
  const digest = createHash('sha256');
  const add = (path: string) => digest.update(`${path}\n`).update(readFileSync(join(workspaceRoot, path)));
  for (const path of ['package-lock.json', 'tools/dev/swc-options.mjs', 'tools/dev/src/build/bundle.ts']) add(path);
  for (const { folder: project } of projectsOf(WORKSPACE)) {
    add(`${project}/package.json`);
    const sources = readdirSync(join(workspaceRoot, project, 'src'), { recursive: true, encoding: 'utf8' });
    for (const file of sources.sort()) if (file.endsWith('.ts') && !file.endsWith('.spec.ts')) add(`${project}/src/${file}`);
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
