import { posix } from 'node:path';
import ts from 'typescript';
import { declaredNames, exportsOf, importsOf, leftmost, resolve, type Export } from '../modules.ts';
import { placeOf, walk, type CodeFile, type Workspace } from '../workspace.ts';

/**
 * Nothing is exported that nobody uses. In a file: other files. At a lib's entry: apps, tools and
 * other libs, or engineers elsewhere, for whom the lib's README names it. A test is no use: it
 * keeps alive what the product has left. What a used export's types mention is used with it.
 */
export function unusedExports(workspace: Workspace): string[] {
  const uses = usesOf(workspace);
  const entries = entriesOf(workspace);
  return [...workspace.code.values()]
    .filter(({ path, project }) => project && /\.tsx?$/.test(path))
    .flatMap((file) => {
      const readme = entries.get(file.path);
      const offered = exportsOf(file);
      const isUsed = ({ name, local }: Export): boolean => {
        const { product, tests } = uses(file.path, name, readme !== undefined);
        // Tools exist for whoever builds and tests the product.
        if (product || (tests && (file.isTest || file.project?.kind === 'tools'))) return true;
        if (readme !== undefined) return new RegExp(`\\b${name}\\b`).test(readme);
        // Exported for its own spec, which is fine as long as the file itself needs it.
        return tests && mentions(file, local) > 1;
      };
      const used = new Set(offered.filter(isUsed).map(({ name }) => name));
      const carried = carriedAlong(workspace, file, offered, used);
      const advice =
        readme === undefined
          ? 'is used by no other file: drop the export, or the code'
          : 'is used by nobody outside: drop it here, or show its use in the README';
      return offered
        .filter((entry) => !used.has(entry.name) && !carried(entry))
        .map(({ name, node }) => `${placeOf(file, node)} ${name} ${advice}`);
    });
}

/** Who imports a name of a file: product code, tests, both or nobody. */
interface Users {
  readonly product: boolean;
  readonly tests: boolean;
}
type Uses = (path: string, name: string, abroadOnly: boolean) => Users;

function usesOf(workspace: Workspace): Uses {
  const importers = new Map<string, { file: CodeFile; names: readonly string[] | 'all' }[]>();
  for (const file of workspace.code.values()) {
    for (const { specifier, names } of importsOf(file)) {
      const target = resolve(workspace, file.path, specifier);
      if (!target || target === file.path) continue;
      importers.set(target, [...(importers.get(target) ?? []), { file, names }]);
    }
  }
  return (path, name, abroadOnly) => {
    const project = workspace.code.get(path)?.project;
    const users = (importers.get(path) ?? []).filter(
      ({ file, names }) =>
        (names === 'all' || names.includes(name)) && !(abroadOnly && file.project === project),
    );
    return {
      product: users.some(({ file }) => !file.isTest),
      tests: users.some(({ file }) => file.isTest),
    };
  };
}

/** The files that a lib's package.json offers, each with the text of the lib's README. */
function entriesOf({ projects, texts }: Workspace): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const { path, kind, manifest } of projects) {
    if (kind !== 'libs') continue;
    for (const entry of Object.values(manifest.exports ?? {})) {
      const source = entry['@aisle/source'];
      if (source) entries.set(posix.join(path, source), texts.get(`${path}/README.md`) ?? '');
    }
  }
  return entries;
}

function mentions(file: CodeFile, name: string): number {
  let count = 0;
  walk(file.tree, (node) => {
    if (ts.isIdentifier(node) && node.text === name) count += 1;
  });
  return count;
}

/** Whether an export is named by the types of a used one, directly or through other types. */
function carriedAlong(
  workspace: Workspace,
  file: CodeFile,
  offered: readonly Export[],
  used: ReadonlySet<string>,
): (entry: Export) => boolean {
  const reached = new Set<string>();
  const reach = (path: string, local: string): void => {
    const home = workspace.code.get(path);
    const origin = home && originOf(workspace, home, local);
    if (!origin || reached.has(`${origin.path}#${origin.name}`)) return;
    reached.add(`${origin.path}#${origin.name}`);
    const owner = workspace.code.get(origin.path);
    if (!owner) return;
    for (const name of typesIn(owner, origin.name)) reach(origin.path, name);
  };
  for (const { name, local } of offered) if (used.has(name)) reach(file.path, local);
  return ({ local }) => {
    const origin = originOf(workspace, file, local);
    return reached.has(`${origin.path}#${origin.name}`);
  };
}

interface Origin {
  readonly path: string;
  readonly name: string;
}

/** Follows a name through imports and re-exports to the file that declares it. */
function originOf(workspace: Workspace, file: CodeFile, local: string): Origin {
  for (const { specifier, name } of [...importedAs(file, local), ...passedOn(file, local)]) {
    const next = workspace.code.get(resolve(workspace, file.path, specifier) ?? '');
    if (next && next !== file) return originOf(workspace, next, name);
  }
  return { path: file.path, name: local };
}

function passedOn(file: CodeFile, local: string): { specifier: string; name: string }[] {
  return exportsOf(file).flatMap(({ local: own, from }) => (own === local && from ? [from] : []));
}

function importedAs({ tree }: CodeFile, local: string): { specifier: string; name: string }[] {
  return tree.statements.filter(ts.isImportDeclaration).flatMap((statement) => {
    const bindings = statement.importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) return [];
    const element = bindings.elements.find(({ name }) => name.text === local);
    const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
    return element ? [{ specifier, name: (element.propertyName ?? element.name).text }] : [];
  });
}

/** The names in the types of a declaration; what its bodies do is nobody's business. */
function typesIn({ tree }: CodeFile, name: string): string[] {
  const found: string[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isBlock(node)) return;
    if (ts.isTypeReferenceNode(node)) found.push(leftmost(node.typeName) ?? '');
    if (ts.isExpressionWithTypeArguments(node)) found.push(leftmost(node.expression) ?? '');
    if (ts.isTypeQueryNode(node)) found.push(leftmost(node.exprName) ?? '');
    ts.forEachChild(node, collect);
  };
  for (const statement of tree.statements) {
    if (declaredNames(statement).some((declared) => declared.name === name)) collect(statement);
  }
  return found.filter(Boolean);
}
