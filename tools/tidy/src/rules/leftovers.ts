import ts from 'typescript';
import { placeOf, walk, type CodeFile, type Workspace } from '../workspace.ts';

const marker = /\b(TODO|FIXME)\b/;
const tests = new Set(['describe', 'it', 'test']);
const notRun = new Set(['skip', 'only', 'todo', 'failing', 'fixme']);
const notRunNames = new Set(['xit', 'xtest', 'xdescribe', 'fit', 'fdescribe']);

/** Nothing lands half done: no reminders in comments, no test that is skipped or runs alone. */
export function leftovers(workspace: Workspace): string[] {
  const scripts = [...workspace.texts]
    .filter(([path]) => /(\.(sql|lua|sh|ya?ml)|Dockerfile|\.ci\/run)$/.test(path))
    .flatMap(([path, text]) => markersIn(path, text, 1));
  const code = [...workspace.code.values()].flatMap((file) => [
    ...commentsOf(file).flatMap(({ text, line }) => markersIn(file.path, text, line)),
    ...(file.isTest ? testsNotRun(file) : []),
  ]);
  return [...scripts, ...code];
}

function markersIn(path: string, text: string, firstLine: number): string[] {
  return text.split('\n').flatMap((line, index) => {
    const [found] = marker.exec(line) ?? [];
    return found ? [`${path}:${firstLine + index} ${found}: do it now, or open an issue`] : [];
  });
}

function commentsOf({ tree, text }: CodeFile): { text: string; line: number }[] {
  const ranges = new Map<number, ts.CommentRange>();
  const collect = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) {
      ranges.set(range.pos, range);
    }
    for (const range of ts.getTrailingCommentRanges(text, node.getEnd()) ?? []) {
      ranges.set(range.pos, range);
    }
  };
  walk(tree, collect);
  return [...ranges.values()].map(({ pos, end }) => ({
    text: text.slice(pos, end),
    line: tree.getLineAndCharacterOfPosition(pos).line + 1,
  }));
}

function testsNotRun(file: CodeFile): string[] {
  const found: string[] = [];
  walk(file.tree, (node) => {
    const isMember = ts.isPropertyAccessExpression(node);
    const runsNot = isMember
      ? notRun.has(node.name.text) && tests.has(node.expression.getText().split('.')[0] ?? '')
      : ts.isIdentifier(node) && notRunNames.has(node.text) && ts.isCallExpression(node.parent);
    if (runsNot) {
      found.push(`${placeOf(file, node)} ${node.getText()}: run it, mend it or delete it`);
    }
  });
  return found;
}
