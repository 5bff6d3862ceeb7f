import { basename, dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
// A file's role at run time or in tests, and suffixes that tools require.
const roles = new Set([
  'actor', 'app', 'bench', 'config', 'controller', 'd', 'e2e', 'filter', 'inbox', 'int', 'load',
  'migration', 'module', 'preset', 'property', 'repository', 'row', 'sim', 'sink', 'source',
  'spec', 'stage', 'tree', 'worker',
]);
const drawers = new Set([
  'base', 'common', 'constants', 'core', 'dto', 'dtos', 'helper', 'helpers', 'interfaces',
  'misc', 'services', 'shared', 'types', 'util', 'utils',
]);

/** Files are kebab-case after their main noun; a suffix says a role at run time; no name is a drawer. */
export const fileNames = {
  meta: { type: 'suggestion', schema: [] },
  create(context) {
    const path = relative(root, context.filename).split(sep).join('/');
    return { Program: (node) => findings(path).forEach((message) => context.report({ node, message })) };
  },
};

function findings(path) {
  const [stem, ...suffixes] = basename(path).split('.').slice(0, -1);
  const words = [stem, ...dirname(path).split('/').filter((word) => word !== '.')];
  return [
    ...words.filter((word) => !kebab.test(word)).map((word) => `"${word}" is not kebab-case.`),
    ...words.filter((word) => drawers.has(word)).map((word) => `"${word}" is a drawer: name it after what it holds.`),
    ...suffixes
      .filter((suffix) => !roles.has(suffix))
      .map((suffix) => `".${suffix}" is no role at run time: name the file after its noun or verb.`),
  ];
}
