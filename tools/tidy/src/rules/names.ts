import type { Workspace } from '../workspace.ts';

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
// What a file is at run time or in the tests, and what its tools ask it to be called.
const roles = new Set([
  'actor', 'app', 'bench', 'config', 'controller', 'd', 'e2e', 'filter', 'inbox', 'int',
  'migration', 'module', 'preset', 'property', 'repository', 'row', 'sim', 'sink', 'source',
  'spec', 'stage', 'tree', 'worker',
]);
const drawers = new Set([
  'base', 'common', 'constants', 'core', 'dto', 'dtos', 'helper', 'helpers', 'interfaces',
  'misc', 'services', 'shared', 'types', 'util', 'utils',
]);

/** Files are kebab-case after their main noun; a suffix says a role; no name is a drawer. */
export function names(workspace: Workspace): string[] {
  return [...workspace.texts.keys()]
    .filter((path) => /^(libs|apps|tools)\/.*\.([cm]?[jt]sx?|sql|lua|css)$/.test(path))
    .flatMap((path) => {
      const [file = '', ...folders] = path.split('/').reverse();
      const [stem = '', ...suffixes] = file.split('.').slice(0, -1);
      const wrong: string[] = [];
      for (const word of [stem, ...folders]) {
        if (!kebab.test(word)) wrong.push(`"${word}" is not kebab-case`);
        if (drawers.has(word)) wrong.push(`"${word}" is a drawer: name it after what it holds`);
      }
      for (const suffix of suffixes) {
        if (!roles.has(suffix)) {
          wrong.push(`".${suffix}" is no role at run time: name the file after its noun or verb`);
        }
      }
      return wrong.map((what) => `${path}:1 ${what}`);
    });
}
