import { importsOf, resolve } from '../modules.ts';
import { placeOf, type Workspace } from '../workspace.ts';

interface Edge {
  readonly to: string;
  readonly at: string;
}

/** No file imports itself by way of others, not even for a type. */
export function cycles(workspace: Workspace): string[] {
  const edges = new Map<string, Edge[]>();
  for (const file of workspace.code.values()) {
    const out: Edge[] = [];
    for (const { specifier, node, starts } of importsOf(file)) {
      const to = starts ? undefined : resolve(workspace, file.path, specifier);
      if (to) out.push({ to, at: placeOf(file, node) });
    }
    edges.set(file.path, out);
  }
  return circles(edges).map(
    (circle) => `${circle.join(' -> ')}: move what both sides need into a file of its own`,
  );
}

/** One circle for every way back that a walk in depth meets, as the places that close it. */
function circles(edges: ReadonlyMap<string, readonly Edge[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const open: string[] = [];
  const places: string[] = [];

  const visit = (path: string): void => {
    open.push(path);
    for (const { to, at } of edges.get(path) ?? []) {
      places.push(at);
      const start = open.indexOf(to);
      if (start >= 0) found.push(places.slice(start));
      else if (!done.has(to)) visit(to);
      places.pop();
    }
    open.pop();
    done.add(path);
  };

  for (const path of edges.keys()) if (!done.has(path)) visit(path);
  return found;
}
