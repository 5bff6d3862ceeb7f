import { migrate, prepareDatabase, type MigrationClass } from '@aisle/persistence';
import type { Logger } from '@aisle/telemetry';
import { z } from 'zod';
import { BaseConfig } from './config.ts';
import { runTask } from './run-app.ts';

/** How much a seed fills in: `s` for a first look, `m` for a day's work, `l` for load. */
export type SeedSize = 's' | 'm' | 'l';

/** The part of the database that is one app's, or one lib's, own. */
export interface AppSchema {
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
  /** The row classes of its tables, for the diagram of them; tables without one are a lib's own. */
  readonly entities?: readonly (new () => object)[];
  /** Fills it with what a newcomer wants to see; what is there already stays as it is. `url` is the app role's. */
  seed?(seeding: { readonly url: string; readonly size: SeedSize; readonly logger: Logger }): Promise<void>;
}

const SIZES: readonly string[] = ['s', 'm', 'l'] satisfies SeedSize[];

const MigrateConfig = BaseConfig.extend({
  /** A role that may create databases and roles. */
  DATABASE_ADMIN_URL: z.url(),
  /** The app's database and role, both made when they are not there. */
  DATABASE_URL: z.url(),
});

/**
 * The task of a `migrate.ts`: brings the schemas up to date, in their order, before any process of the app starts.
 * `--seed` also fills them (`--seed=m` or `--seed=l` with more). Several processes may run it at once.
 */
export async function migrateSchemas(...schemas: readonly AppSchema[]): Promise<void> {
  await runTask('migrate', MigrateConfig, async ({ config, logger }) => {
    const size = wantedSeed(process.argv.slice(2));
    const urls = { adminUrl: config.DATABASE_ADMIN_URL, appUrl: config.DATABASE_URL };
    for (const { schema, migrations } of schemas) {
      await prepareDatabase({ ...urls, schema });
      logger.info('schema migrated', { schema, ran: await migrate({ ...urls, schema, migrations }) });
    }
    if (!size) return;
    for (const { seed } of schemas) await seed?.({ url: urls.appUrl, size, logger });
  });
}

function wantedSeed(args: readonly string[]): SeedSize | undefined {
  const seed = args.find((arg) => arg === '--seed' || arg.startsWith('--seed='));
  if (seed === undefined) return undefined;
  const size = seed.split('=')[1] ?? 's';
  if (!SIZES.includes(size)) throw new Error(`--seed takes s, m or l, not '${size}'`);
  return size as SeedSize;
}
