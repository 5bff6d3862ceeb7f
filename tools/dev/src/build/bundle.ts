import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { transform } from '@swc/core';
import { build, type Plugin } from 'esbuild';
import { swcOptions } from '../../swc-options.mjs';
import { workspaceRoot } from '../workspace.ts';
import type { Project } from './projects.ts';

/**
 * Bundles an app into `outFolder`: `main.js`, `migrate.js` if there is one, and a file for every worker, since a worker
 * starts from a file of its own. Workspace packages are inlined, npm packages are not. Resolves to the names of the npm
 * packages.
 */
export async function bundle(projects: readonly Project[], outFolder: string): Promise<Set<string>> {
  const external = new Set<string>();
  await build({
    absWorkingDir: workspaceRoot,
    entryPoints: entriesOf(projects),
    outdir: outFolder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@aisle/source'],
    sourcemap: 'linked',
    // Keep the names of classes, because errors and actors are identified by them.
    keepNames: true,
    plugins: [npmPackagesExternal(external), typescriptBySwc],
    logLevel: 'error',
  });
  return external;
}

function entriesOf(projects: readonly Project[]): Record<string, string> {
  const [app] = projects;
  const entries: Record<string, string> = {};
  for (const name of ['main', 'migrate']) {
    const path = `${app!.folder}/src/${name}.ts`;
    if (existsSync(join(workspaceRoot, path))) entries[name] = path;
  }
  for (const { folder } of projects) {
    const sources = join(workspaceRoot, folder, 'src');
    for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.worker.ts')) continue;
      const name = basename(file, '.ts');
      if (entries[name] !== undefined) {
        throw new Error(`two workers have the name ${name}, and would be one file in a bundle; rename one`);
      }
      entries[name] = `${folder}/src/${file}`;
    }
  }
  return entries;
}

/** Collects the names of the packages into `found`. */
function npmPackagesExternal(found: Set<string>): Plugin {
  return {
    name: 'npm-packages-external',
    setup(building) {
      building.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
        if (kind === 'entry-point' || path.startsWith('@aisle/')) return undefined;
        if (path.startsWith('node:')) return { path, external: true };
        found.add(path.split('/').slice(0, path.startsWith('@') ? 2 : 1).join('/'));
        // A package without used exports is not loaded, except one that is imported for its side effects.
        return { path, external: true, sideEffects: path === 'reflect-metadata' };
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
