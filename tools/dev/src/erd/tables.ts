import type { Client } from 'pg';

/** A table as the catalogue of PostgreSQL describes it. */
export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly references: readonly Reference[];
}

interface Column {
  readonly name: string;
  /** PostgreSQL's internal name, such as `int8`; of an array `_int8`. */
  readonly type: string;
  readonly isNullable: boolean;
  readonly isKey: boolean;
}

/** A foreign key. */
interface Reference {
  readonly columns: readonly string[];
  readonly to: string;
}

interface KeyRow {
  readonly schema: string;
  readonly table: string;
  readonly kind: 'p' | 'f';
  readonly columns: readonly string[];
  readonly to: string | null;
}

type ColumnRow = Omit<Column, 'isKey'> & { readonly schema: string; readonly table: string };

// A partition has the columns of its table, and is not listed.
const COLUMNS = `
  SELECT c.table_schema AS schema, c.table_name AS table, c.column_name AS name, c.udt_name AS type, c.is_nullable = 'YES' AS "isNullable"
  FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
  JOIN pg_class ON pg_class.oid = format('%I.%I', table_schema, table_name)::regclass
  WHERE t.table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
    AND table_name <> 'migrations' AND NOT relispartition
  ORDER BY 1, 2, c.ordinal_position`;

// Not from information_schema, whose constraint names are not unique within a schema.
const KEYS = `
  SELECT n.nspname AS schema, o.relname AS table, k.contype AS kind, f.relname AS to,
    (SELECT array_agg(a.attname::text ORDER BY place) FROM unnest(k.conkey) WITH ORDINALITY AS at (attnum, place)
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = at.attnum) AS columns
  FROM pg_constraint k JOIN pg_class o ON o.oid = k.conrelid JOIN pg_namespace n ON n.oid = o.relnamespace
  LEFT JOIN pg_class f ON f.oid = k.confrelid
  WHERE k.contype IN ('p', 'f') AND k.conparentid = 0
  ORDER BY k.conname`;

/** All tables of a database in order of their names, without partitions and the tables of migrations. */
export async function readTables(client: Pick<Client, 'query'>): Promise<readonly Table[]> {
  const { rows: columns } = await client.query<ColumnRow>(COLUMNS);
  const { rows: keys } = await client.query<KeyRow>(KEYS);
  const names = new Map(columns.map(({ schema, table }) => [`${schema}.${table}`, { schema, table }]));
  return [...names.values()].map(({ schema, table }) => {
    const isOwn = (row: ColumnRow | KeyRow): boolean => row.schema === schema && row.table === table;
    const ownKeys = keys.filter(isOwn);
    const primary = ownKeys.find(({ kind }) => kind === 'p')?.columns ?? [];
    return {
      schema,
      name: table,
      columns: columns.filter(isOwn).map(({ name, type, isNullable }) => ({ name, type, isNullable, isKey: primary.includes(name) })),
      references: ownKeys.flatMap(({ columns: from, to }) => (to === null ? [] : [{ columns: from, to }])),
    };
  });
}
