import ts from 'typescript';
import { walk, type CodeFile, type Workspace } from '../workspace.ts';

const CODE_LINES_MAX = 400;
const README_LINES_MAX = 60;
const ARCHITECTURE_LINES_MAX = 200;

/** A file that is too long holds two things; a manual that is too long is not read. */
export function sizes(workspace: Workspace): string[] {
  const code = [...workspace.code.values()]
    .filter((file) => !isData(file))
    .flatMap(({ path, text }) => over(path, text, CODE_LINES_MAX, 'split it by its nouns'));
  const readmes = workspace.projects
    .filter(({ kind }) => kind === 'libs')
    .map(({ path }) => `${path}/README.md`)
    .flatMap((path) =>
      over(path, workspace.texts.get(path) ?? '', README_LINES_MAX, 'keep what its users need'),
    );
  const architecture = over(
    'ARCHITECTURE.md',
    workspace.texts.get('ARCHITECTURE.md') ?? '',
    ARCHITECTURE_LINES_MAX,
    'move what concerns one project into its README',
  );
  return [...code, ...readmes, ...architecture];
}

function over(path: string, text: string, linesMax: number, advice: string): string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines > linesMax ? [`${path}:${linesMax + 1} has ${lines} lines: ${advice}`] : [];
}

/** A table of cases or prices, as long as it has to be. */
function isData({ tree }: CodeFile): boolean {
  let computes = false;
  walk(tree, (node) => {
    computes ||= ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isCallExpression(node);
  });
  return !computes;
}
