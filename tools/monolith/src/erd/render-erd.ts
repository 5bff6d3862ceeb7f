import type { AppSchema } from '@aisle/platform';
import { DataSource, type EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';

const HEAD = `<!-- Made from the entities by \`npm run erd\`; a test fails when it is not up to date. -->
# What the apps keep

Each app has a schema of its own and opens no other. Below are the tables that have an entity; beside them the schemas hold
what belongs to a library: journals, leases, outboxes, inboxes and checkpoints.`;

/** The page of all schemas that have entities, each as a diagram in Mermaid. */
export async function renderErd(schemas: readonly AppSchema[]): Promise<string> {
  const drawn = schemas.filter(({ entities }) => (entities?.length ?? 0) > 0);
  return `${[HEAD, ...(await Promise.all(drawn.map(renderSchema)))].join('\n\n')}\n`;
}

/** What TypeORM knows of a schema's entities; it needs no database for that. */
export async function metadataOf({ schema, entities = [] }: AppSchema): Promise<readonly EntityMetadata[]> {
  const source = new DataSource({ type: 'postgres', schema, entities: [...entities], installExtensions: false });
  // What `initialize` does between connecting and being ready.
  await (source as unknown as { buildMetadatas(): Promise<void> }).buildMetadatas();
  return source.entityMetadatas;
}

async function renderSchema(schema: AppSchema): Promise<string> {
  const tables = [...(await metadataOf(schema))].sort((one, other) => one.tableName.localeCompare(other.tableName));
  const lines = [...tables.flatMap(renderTable), ...tables.flatMap(({ manyToOneRelations }) => manyToOneRelations.map(renderRelation))];
  return [`## Schema \`${schema.schema}\``, '', '```mermaid', 'erDiagram', ...lines.map((line) => `  ${line}`), '```'].join('\n');
}

function renderTable({ tableName, columns }: EntityMetadata): string[] {
  return [`${tableName} {`, ...columns.map((column) => `  ${renderColumn(column)}`), '}'];
}

function renderColumn(column: ColumnMetadata): string {
  const keys = [...(column.isPrimary ? ['PK'] : []), ...(column.referencedColumn ? ['FK'] : [])].join(', ');
  const words = [typeName(column), column.databaseName, keys, column.isNullable ? '"may be null"' : ''];
  return words.filter(Boolean).join(' ');
}

/** An array type's brackets and a length's parentheses are no word of Mermaid's. */
function typeName({ type, isArray }: ColumnMetadata): string {
  const name = typeof type === 'string' ? type : (type as { name: string }).name.toLowerCase();
  return isArray ? `${name}_array` : name;
}

function renderRelation({ entityMetadata, inverseEntityMetadata, propertyName }: RelationMetadata): string {
  return `${entityMetadata.tableName} }o--|| ${inverseEntityMetadata.tableName} : ${propertyName}`;
}
