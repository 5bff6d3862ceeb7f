import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { transform } from '@swc/core';
import { build, stop, type Plugin } from 'esbuild';
import { swcOptions } from '../../swc-options.mjs';
import { workspaceRoot } from '../workspace.ts';
import type { Project } from './projects.ts';

/** Decorators use it when a module loads, so each file of a bundle loads it first. */
const LOADED_FIRST = 'reflect-metadata';
/** Reads a source map when a stack is first printed. Node itself would read all of them at the start: 9 MB in each process. */
const SOURCE_MAPS = '@cspotcode/source-map-support';
/** Packages that stay in `node_modules`. The others of them contain a program or WebAssembly. */
const INSTALLED = [LOADED_FIRST, SOURCE_MAPS, 'esbuild', '@jitl/quickjs-ng-wasmfile-release-sync'];
/** Packages that others load by a name that no bundler sees. */
const LOADED_BY_NAME: Readonly<Record<string, string>> = { '@nestjs/swagger': 'swagger-ui-dist' };

/** Marks our own questions, which we do not answer. */
const ASKED = Symbol('asked');

/** CommonJS modules in an ES module find their globals here. */
const HEAD = `import '${LOADED_FIRST}';
import '${SOURCE_MAPS}/register.js';
import { createRequire as __createRequire } from 'node:module';
import { dirname as __dirnameOf } from 'node:path';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __dirnameOf(__filename);
const __same = (value) => value;`;

/**
 * Bundles programs into `outFolder`: each entry under its name, a file for every worker of `projects`, and shared code
 * in files of its own. A worker starts from a separate file. npm packages are inlined too, because Node takes longer to
 * find two thousand files than to read twenty. Resolves to the names of the packages to be installed beside it.
 */
export async function bundle(entries: Readonly<Record<string, string>>, projects: readonly Project[], outFolder: string): Promise<Set<string>> {
  const installed = new Set<string>([LOADED_FIRST, SOURCE_MAPS]);
  const bundling = build({
    absWorkingDir: workspaceRoot,
    entryPoints: { ...entries, ...workersOf(projects) },
    outdir: outFolder,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@aisle/source'],
    banner: { js: HEAD },
    // A stack needs lines and names only.
    sourcemap: 'linked',
    sourcesContent: false,
    // Keep the names of classes, because errors and actors are identified by them.
    keepNames: true,
    // Each process holds the text of its programs.
    minifyWhitespace: true,
    metafile: true,
    plugins: [npmPackages(installed), typescriptBySwc],
    logLevel: 'error',
  });
  // Otherwise esbuild's own process would last as long as ours.
  const { metafile } = await bundling.finally(stop);
  await Promise.all(Object.keys(metafile.outputs).filter((path) => path.endsWith('.js')).map((path) => nameClassesOnly(join(workspaceRoot, path))));
  return installed;
}

/**
 * esbuild keeps the name of a function by a call of `__name` each time that the function is made, which takes most of a
 * microsecond. Only the names of classes are of use, and those are in static blocks: the other calls become calls of a function
 * that returns its argument. Both names have one length, so the source map stays right.
 */
async function nameClassesOnly(path: string): Promise<void> {
  const code = await readFile(path, 'utf8');
  await writeFile(path, code.replaceAll(/\b__name\((?!this,)/g, '__same('));
}

function workersOf(projects: readonly Project[]): Record<string, string> {
  const workers: Record<string, string> = {};
  for (const { folder } of projects) {
    const sources = join(workspaceRoot, folder, 'src');
    for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.worker.ts')) continue;
      const name = basename(file, '.ts');
      if (workers[name] !== undefined) {
        throw new Error(`two workers have the name ${name}, and would be one file in a bundle; rename one`);
      }
      workers[name] = `${folder}/src/${file}`;
    }
  }
  return workers;
}

/**
 * Leaves `INSTALLED` outside, and collects their names in `found`. Missing packages stay outside as well: other
 * packages try to load them, and work without them.
 */
function npmPackages(found: Set<string>): Plugin {
  return {
    name: 'npm-packages',
    setup(building) {
      building.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
        if (pluginData === ASKED || kind === 'entry-point' || path.startsWith('node:') || path.startsWith('@aisle/')) return undefined;
        const installed = INSTALLED.find((name) => path === name || path.startsWith(`${name}/`)) ?? LOADED_BY_NAME[path];
        if (installed !== undefined) found.add(installed);
        if (INSTALLED.includes(installed ?? '')) return { path, external: true, sideEffects: false };
        const { errors } = await building.resolve(path, { kind, resolveDir, pluginData: ASKED });
        return errors.length > 0 ? { path, external: true, sideEffects: false } : undefined;
      });
    },
  };
}

/** esbuild's own TypeScript has no decorator metadata, which Nest's injection needs. */
const typescriptBySwc: Plugin = {
  name: 'typescript-by-swc',
  setup(building) {
    building.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const { code } = await transform(source, { filename: path, ...swcOptions });
      return { contents: code, loader: 'js' };
    });
  },
};
