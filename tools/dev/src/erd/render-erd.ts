import type { Table } from './tables.ts';

const HEAD = `<!-- Made from the migrated database by \`npm run erd\`; a test fails when it is not up to date. -->
# What the apps keep

Each app has a schema of its own and opens no other. Next to an app's own tables, a schema holds those of the libraries that
the app uses: journals, leases, outboxes, inboxes. \`events\` is shared: how far each consumer is, and its dead letters.`;

const TYPES: Readonly<Record<string, string>> = { int2: 'smallint', int4: 'int', int8: 'bigint', bool: 'boolean', bpchar: 'char' };

/** The page of all schemas, each as a diagram in Mermaid. */
export function renderErd(tables: readonly Table[]): string {
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  const sections = schemas.map((schema) => renderSchema(schema, tables.filter((table) => table.schema === schema)));
  return `${[HEAD, ...sections].join('\n\n')}\n`;
}

function renderSchema(schema: string, tables: readonly Table[]): string {
  const lines = [...tables.flatMap(renderTable), ...tables.flatMap(renderReferences)];
  return [`## Schema \`${schema}\``, '', '```mermaid', 'erDiagram', ...lines.map((line) => `  ${line}`), '```'].join('\n');
}

function renderTable({ name, columns, references }: Table): string[] {
  const foreign = new Set(references.flatMap((reference) => reference.columns));
  const rows = columns.map(({ name: column, type, isNullable, isKey }) => {
    const keys = [...(isKey ? ['PK'] : []), ...(foreign.has(column) ? ['FK'] : [])].join(', ');
    return `  ${[typeName(type), column, keys, isNullable ? '"may be null"' : ''].filter(Boolean).join(' ')}`;
  });
  return [`${name} {`, ...rows, '}'];
}

/** Mermaid takes no brackets in a type. */
function typeName(type: string): string {
  return type.startsWith('_') ? `${typeName(type.slice(1))}_array` : (TYPES[type] ?? type);
}

function renderReferences({ name, references }: Table): string[] {
  return references.map(({ columns, to }) => `${name} }o--|| ${to} : "${columns.join(', ')}"`);
}
