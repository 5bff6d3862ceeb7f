// Makes a bundle installable: a package.json with the npm packages that the bundle does not contain, in the versions of
// the workspace's lockfile, and the part of that lockfile for them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspace.ts';
import type { PackageJson } from './projects.ts';

interface LockEntry {
  readonly version: string;
  readonly link?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

type Lock = Record<string, LockEntry>;
type Overrides = { [name: string]: string | Overrides };

interface RootManifest {
  readonly engines?: Record<string, string>;
  readonly overrides?: Overrides;
  readonly allowScripts?: Record<string, boolean>;
}

/**
 * Writes package.json and package-lock.json into `outFolder`; `installed` are the packages that the bundle does not
 * contain.
 */
export function makeDeployable(app: PackageJson, installed: ReadonlySet<string>, outFolder: string) {
  const root = readJson<RootManifest>('package.json');
  const whole = readJson<{ packages: Lock }>('package-lock.json').packages;
  const dependencies: Record<string, string> = {};
  for (const name of [...installed].sort()) dependencies[name] = lockedVersion(name, whole);
  const packages = reachable(Object.keys(dependencies), whole);
  const present = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));

  const manifest = {
    name: app.name, version: app.version, description: app.description, license: app.license,
    private: true, type: 'module', main: 'main.js', engines: root.engines, dependencies,
  };
  const settings = {
    overrides: literalOverrides(root.overrides ?? {}, dependencies, present),
    allowScripts: only(root.allowScripts ?? {}, present),
  };
  const lock = {
    name: app.name, version: app.version, lockfileVersion: 3, requires: true,
    packages: { '': { ...manifest, private: undefined, type: undefined, main: undefined }, ...packages },
  };
  write(join(outFolder, 'package.json'), { ...manifest, ...settings });
  write(join(outFolder, 'package-lock.json'), lock);
}

function lockedVersion(name: string, lock: Lock): string {
  const entry = lock[`node_modules/${name}`];
  if (entry === undefined) throw new Error(`${name} is not in package-lock.json: run npm install`);
  return entry.version;
}

/** The lock entries that these packages need, resolved as Node resolves them. */
function reachable(names: readonly string[], lock: Lock): Lock {
  const found = new Map<string, LockEntry>();
  const visit = (name: string, from: string, optional: boolean) => {
    const path = resolveFrom(from, name, lock);
    if (path === undefined) {
      if (optional) return;
      throw new Error(`package-lock.json has no ${name} for ${from || 'the app'}: run npm install`);
    }
    if (found.has(path)) return;
    const entry = lock[path]!;
    found.set(path, entry);
    for (const dependency of Object.keys(entry.dependencies ?? {})) visit(dependency, path, false);
    for (const dependency of Object.keys(entry.optionalDependencies ?? {})) visit(dependency, path, true);
    for (const peer of Object.keys(entry.peerDependencies ?? {})) {
      if (entry.peerDependenciesMeta?.[peer]?.optional !== true) visit(peer, path, false);
    }
  };
  for (const name of names) visit(name, '', false);
  // Drop the flags that say why the workspace, and not the app, needs a package.
  return Object.fromEntries(
    [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, entry]) => [
      path, { ...entry, dev: undefined, devOptional: undefined, peer: undefined },
    ]),
  );
}

function resolveFrom(from: string, name: string, lock: Lock): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('node_modules/') - 1))) {
    const path = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (lock[path] !== undefined) return path;
    if (base === '') return undefined;
  }
}

/** `$name` stands for the version of a direct dependency, which the bundle itself names. */
function literalOverrides(
  overrides: Overrides,
  versions: Record<string, string>,
  installed: ReadonlySet<string>,
): Overrides {
  return Object.fromEntries(
    Object.entries(overrides).flatMap(([name, value]): [string, string | Overrides][] => {
      if (!installed.has(name)) return [];
      if (typeof value !== 'string') return [[name, literalOverrides(value, versions, installed)]];
      return [[name, value.startsWith('$') ? versions[value.slice(1)]! : value]];
    }),
  );
}

function only<T>(record: Record<string, T>, names: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(workspaceRoot, path), 'utf8')) as T;
}

function write(path: string, value: unknown) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
