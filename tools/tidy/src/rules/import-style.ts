import ts from 'typescript';
import { importsOf, resolve } from '../modules.ts';
import { placeOf, type CodeFile, type Workspace } from '../workspace.ts';

/** Imports name a file as it is on disk, and exports name what they offer. */
export function importStyle(workspace: Workspace): string[] {
  return [...workspace.code.values()]
    .filter(({ path }) => /\.tsx?$/.test(path))
    .flatMap((file) =>
      importsOf(file).flatMap(({ specifier, node, starts }) => {
        if (starts) return [];
        const wrong = wrongWith(workspace, file, specifier, node);
        return wrong ? [`${placeOf(file, node)} '${specifier}' ${wrong}`] : [];
      }),
    );
}

function wrongWith(
  workspace: Workspace,
  file: CodeFile,
  specifier: string,
  node: ts.Node,
): string | undefined {
  if (ts.isExportDeclaration(node) && !node.exportClause) {
    return 'is passed on by export *: name what is offered';
  }
  if (!specifier.startsWith('.')) return undefined;
  if (!/\.([cm]?[jt]sx?|json|css|wasm)$/.test(specifier)) {
    return 'has no extension: write the name of the file, with .ts';
  }
  if (/\.js$/.test(specifier) && !resolve(workspace, file.path, specifier)) {
    return 'is no file: write .ts, the compiler rewrites it';
  }
  const target = resolve(workspace, file.path, specifier);
  const ownIndex = file.project && `${file.project.path}/src/index.ts`;
  // A spec may come in by the front door, as the lib's users do.
  if (!target || target !== ownIndex || file.isTest) return undefined;
  return 'is the index of this very lib: import the file';
}
