import ts from 'typescript';
import { exportsOf, importsOf, resolve } from '../modules.ts';
import { workspaceOf, type Workspace } from '../workspace.ts';

/** Every lib has a README with an example, and the examples import what there is to import. */
export function readmes(workspace: Workspace): string[] {
  return workspace.projects
    .filter(({ kind }) => kind === 'libs')
    .flatMap(({ path: lib }) => {
      const path = `${lib}/README.md`;
      const readme = workspace.texts.get(path);
      if (!readme) return [`${path}:1 is missing: say what the lib is for, and show an example`];
      const examples = examplesIn(readme);
      if (examples.length === 0) return [`${path}:1 has no example: show one that runs`];
      return examples.flatMap(({ code, line }) =>
        missingIn(workspace, code).map((what) => `${path}:${line} ${what}`),
      );
    });
}

/** The TypeScript in a README, each piece with the line that it begins at. */
export function examplesIn(readme: string): { code: string; line: number }[] {
  return [...readme.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```/gm)].map(
    ({ 1: code = '', index }) => ({ code, line: readme.slice(0, index).split('\n').length }),
  );
}

function missingIn(workspace: Workspace, code: string): string[] {
  const file = workspaceOf({ 'example.ts': code }).code.get('example.ts');
  return importsOf(file!).flatMap(({ specifier, names, node }) => {
    if (!specifier.startsWith('@aisle/') || !ts.isImportDeclaration(node)) return [];
    const entry = workspace.code.get(resolve(workspace, 'example.ts', specifier) ?? '');
    if (!entry) return [`the example imports ${specifier}, which no project offers`];
    const offered = new Set(exportsOf(entry).map(({ name }) => name));
    return (names === 'all' ? [] : names)
      .filter((name) => !offered.has(name))
      .map((name) => `the example imports ${name}, which ${specifier} does not offer`);
  });
}
