import 'reflect-metadata';
import { createPool } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import type { AppSchema } from '@aisle/platform';
import { schemas } from '../schemas.ts';
import { metadataOf } from './render-erd.ts';

describe('entities', () => {
  const withEntities = schemas.filter(({ entities = [] }) => entities.length > 0);
  let database: TestDatabase | undefined;
  afterEach(() => database?.drop());

  it.each(withEntities)('of the schema $schema have the columns that its migrations made', async (schema) => {
    database = await testDatabase(schema);

    const made = await columnsOf(database, schema);

    for (const { tableName, columns } of await metadataOf(schema)) {
      const said = columns.map(({ databaseName, isNullable }) => `${databaseName}${isNullable ? ' may be null' : ''}`);
      expect([tableName, ...said.sort()]).toEqual([tableName, ...(made.get(tableName) ?? [])]);
    }
  });

  async function columnsOf({ appUrl }: TestDatabase, { schema }: AppSchema): Promise<ReadonlyMap<string, string[]>> {
    const pool = createPool({ url: appUrl, schema, applicationName: 'test', poolMax: 1 });
    const { rows } = await pool.query<{ table: string; column: string; nullable: string }>(
      `SELECT table_name AS table, column_name AS column, is_nullable AS nullable FROM information_schema.columns
       WHERE table_schema = $1`, [schema],
    );
    await pool.end();
    const columns = new Map<string, string[]>();
    for (const { table, column, nullable } of rows) {
      columns.set(table, [...(columns.get(table) ?? []), `${column}${nullable === 'YES' ? ' may be null' : ''}`].sort());
    }
    return columns;
  }
});
