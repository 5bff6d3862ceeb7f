import { posix } from 'node:path';
import ts from 'typescript';

/**
 * Circles of imports between files, types included: `a.ts -> b.ts -> a.ts`. Tools that find circles at run time skip
 * types.
 */
export function circlesIn(texts: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const open: string[] = [];
  const visit = (path: string): void => {
    open.push(path);
    for (const to of importsOf(path, texts.get(path) ?? '')) {
      if (open.includes(to)) found.push([...open.slice(open.indexOf(to)), to].join(' -> '));
      else if (texts.has(to) && !done.has(to)) visit(to);
    }
    open.pop();
    done.add(path);
  };
  for (const path of texts.keys()) if (!done.has(path)) visit(path);
  return found;
}

// Relative imports only. Lint keeps imports between projects in one direction.
function importsOf(path: string, text: string): string[] {
  return ts.preProcessFile(text).importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => posix.join(posix.dirname(path), fileName));
}
