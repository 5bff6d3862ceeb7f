import { posix } from 'node:path';
import ts from 'typescript';
import { walk, type CodeFile, type Workspace } from './workspace.ts';

/** One mention of another module. */
export interface Import {
  readonly specifier: string;
  /** The names it takes, or `all` where that cannot be seen (`* as`, `import()`, `export *`). */
  readonly names: readonly string[] | 'all';
  readonly node: ts.Node;
  /** `new URL('./worker.ts', import.meta.url)` starts a file and does not load it. */
  readonly starts: boolean;
}

/** One name that a file offers. */
export interface Export {
  readonly name: string;
  readonly node: ts.Node;
  /** Where it comes from when the file only passes it on. */
  readonly from: { readonly specifier: string; readonly name: string } | undefined;
  /** What it is called inside the file. */
  readonly local: string;
}

const importsByTree = new WeakMap<ts.SourceFile, Import[]>();
const exportsByTree = new WeakMap<ts.SourceFile, Export[]>();

/** Imports, re-exports, `import()`, `import('x').T`, `require`, `new URL(…, import.meta.url)`. */
export function importsOf({ tree }: CodeFile): readonly Import[] {
  let imports = importsByTree.get(tree);
  if (!imports) {
    imports = [];
    walk(tree, (node) => {
      const found = importAt(node);
      if (found) imports?.push(found);
    });
    importsByTree.set(tree, imports);
  }
  return imports;
}

function importAt(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) {
    return mention(node, node.moduleSpecifier, namesOfClause(node.importClause));
  }
  if (ts.isExportDeclaration(node)) {
    const { exportClause: clause } = node;
    const named = clause && ts.isNamedExports(clause) ? clause.elements : undefined;
    return mention(node, node.moduleSpecifier, named ? named.map(sourceName) : 'all');
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const name = node.qualifier && leftmost(node.qualifier);
    return mention(node, node.argument.literal, name ? [name] : 'all');
  }
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText();
    const loads = node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const requires = ['require', 'require.resolve', 'import.meta.resolve'].includes(callee);
    return loads || requires ? mention(node, node.arguments[0], 'all') : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
    const [target, base] = node.arguments ?? [];
    if (base?.getText() !== 'import.meta.url') return undefined;
    const found = mention(node, target, 'all');
    return found && { ...found, starts: true };
  }
  return undefined;
}

function mention(
  node: ts.Node,
  specifier: ts.Node | undefined,
  names: Import['names'],
): Import | undefined {
  if (!specifier || !ts.isStringLiteralLike(specifier)) return undefined;
  return { specifier: specifier.text, names, node, starts: false };
}

function namesOfClause(clause: ts.ImportClause | undefined): Import['names'] {
  if (!clause) return [];
  if (clause.namedBindings && ts.isNamespaceImport(clause.namedBindings)) return 'all';
  const named = clause.namedBindings?.elements.map(sourceName) ?? [];
  return clause.name ? ['default', ...named] : named;
}

function sourceName(specifier: ts.ImportSpecifier | ts.ExportSpecifier): string {
  return (specifier.propertyName ?? specifier.name).text;
}

/** `A` of `A.B.C`. */
export function leftmost(name: ts.Node): string | undefined {
  if (ts.isIdentifier(name)) return name.text;
  if (ts.isQualifiedName(name)) return leftmost(name.left);
  if (ts.isPropertyAccessExpression(name)) return leftmost(name.expression);
  return undefined;
}

/** The names that a file offers, each overload and each `type` beside its `const` only once. */
export function exportsOf({ tree }: CodeFile): readonly Export[] {
  let offered = exportsByTree.get(tree);
  if (!offered) {
    const found = tree.statements.flatMap((statement) => exportsAt(statement));
    offered = [...new Map(found.map((entry) => [entry.name, entry])).values()];
    exportsByTree.set(tree, offered);
  }
  return offered;
}

function exportsAt(statement: ts.Statement): Export[] {
  if (ts.isExportDeclaration(statement)) {
    if (!statement.exportClause || !ts.isNamedExports(statement.exportClause)) return [];
    const module = statement.moduleSpecifier;
    return statement.exportClause.elements.map((element) => ({
      name: element.name.text,
      node: element,
      local: sourceName(element),
      from:
        module && ts.isStringLiteral(module)
          ? { specifier: module.text, name: sourceName(element) }
          : undefined,
    }));
  }
  const flags = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  if (!flags?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  const isDefault = flags.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
  return declaredNames(statement).map(({ name, node }) => ({
    name: isDefault ? 'default' : name,
    node,
    local: name,
    from: undefined,
  }));
}

/** The names that a statement declares, destructured ones too. */
export function declaredNames(statement: ts.Statement): { name: string; node: ts.Node }[] {
  if (ts.isVariableStatement(statement)) {
    const names = (binding: ts.BindingName, node: ts.Node): { name: string; node: ts.Node }[] =>
      ts.isIdentifier(binding)
        ? [{ name: binding.text, node }]
        : binding.elements.flatMap((element) =>
            ts.isBindingElement(element) ? names(element.name, element) : [],
          );
    return statement.declarationList.declarations.flatMap((node) => names(node.name, node));
  }
  const { name } = statement as ts.Statement & { name?: ts.Node };
  return name && ts.isIdentifier(name) ? [{ name: name.text, node: statement }] : [];
}

/** The file that a specifier means when `from` says it; undefined for packages from outside. */
export function resolve(
  workspace: Workspace,
  from: string,
  specifier: string,
): string | undefined {
  if (/^\.{1,2}\//.test(specifier)) {
    const path = posix.join(posix.dirname(from), specifier);
    return workspace.texts.has(path) ? path : undefined;
  }
  for (const { path, manifest } of workspace.projects) {
    if (specifier !== manifest.name && !specifier.startsWith(`${manifest.name}/`)) continue;
    const entry = `.${specifier.slice(manifest.name?.length)}`;
    const source = manifest.exports?.[entry]?.['@aisle/source'];
    return source && posix.join(path, source);
  }
  return undefined;
}

/** `@nestjs/common` of `@nestjs/common/pipes`; undefined for relative specifiers. */
export function packageOf(specifier: string): string | undefined {
  return /^(@[^/]+\/[^/]+|[^./@][^/]*)/.exec(specifier)?.[0];
}
