import type { TestDatabase } from '@aisle/persistence/testing';
import { Client } from 'pg';

/** A connected client of the database's administrator, with the market's schema. The caller ends it. */
export async function adminClient({ adminUrl, appUrl }: Pick<TestDatabase, 'adminUrl' | 'appUrl'>): Promise<Client> {
  const url = new URL(adminUrl);
  url.pathname = new URL(appUrl).pathname;
  const client = new Client({ connectionString: url.toString(), options: '-c search_path=market' });
  await client.connect();
  return client;
}
