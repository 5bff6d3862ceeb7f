import ts from 'typescript';
import { importsOf } from '../modules.ts';
import { placeOf, walk, type Workspace } from '../workspace.ts';
import list from '../time-and-chance.json' with { type: 'json' };

const globals = new Set(list.globals);
const members: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(list.members));
const modules: ReadonlyMap<string, readonly string[] | string> = new Map(
  Object.entries(list.modules),
);
const globalObjects = new Set(['globalThis', 'global', 'window', 'self']);

/** Time, chance and scheduling come from libs/std; the simulator owns whatever else would ask. */
export function timeAndChance(workspace: Workspace): string[] {
  return [...workspace.code.values()]
    .filter(({ project }) => project && project.kind !== 'tools' && project.name !== 'std')
    .flatMap((file) => {
      const found: string[] = [];
      const report = (node: ts.Node, what: string): void => {
        found.push(
          `${placeOf(file, node)} ${what}: take a Runtime from @aisle/std by parameter and use ` +
            'its clock, timers, random or defer',
        );
      };
      walk(file.tree, (node) => {
        const what = reachAt(node);
        if (what) report(node, what);
      });
      for (const { specifier, names, node } of importsOf(file)) {
        const taken = takenFrom(specifier, names);
        if (taken) report(node, taken);
      }
      return found;
    });
}

function reachAt(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && globals.has(node.text) && isReference(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return memberAt(node.expression, node.name.text);
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return memberAt(node.expression, node.argumentExpression.text);
  }
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer) {
    const object = node.initializer;
    return node.name.elements
      .map((element) => memberAt(object, (element.propertyName ?? element.name).getText()))
      .find(Boolean);
  }
  if (ts.isNewExpression(node) && !node.arguments?.length) {
    return globalName(node.expression) === 'Date' ? 'new Date()' : undefined;
  }
  if (ts.isCallExpression(node) && globalName(node.expression) === 'Date') return 'Date()';
  return undefined;
}

function memberAt(object: ts.Expression, member: string): string | undefined {
  const name = globalName(object);
  if (name && globalObjects.has(name) && globals.has(member)) return member;
  return name && members.get(name)?.includes(member) ? `${name}.${member}` : undefined;
}

/** `Date` of both `Date` and `globalThis.Date`. */
function globalName(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  const isMember = ts.isPropertyAccessExpression(expression);
  if (!isMember || !globalObjects.has(expression.expression.getText())) return undefined;
  return expression.name.text;
}

/** Whether an identifier reads a value, instead of naming a member, a declaration or an import. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) {
    return false; // `timers.setTimeout` is somebody's method; `globalThis.setTimeout` is a member.
  }
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return (parent as ts.Node & { name?: ts.Node }).name !== node;
}

function takenFrom(specifier: string, names: readonly string[] | 'all'): string | undefined {
  const forbidden = modules.get(specifier.replace(/^node:/, ''));
  if (!forbidden) return undefined;
  if (forbidden === 'all') return `an import of ${specifier}`;
  if (names === 'all') return undefined; // Its members are found where they are used.
  const taken = names.filter((name) => forbidden.includes(name));
  return taken.length > 0 ? `${taken.join(', ')} from ${specifier}` : undefined;
}
