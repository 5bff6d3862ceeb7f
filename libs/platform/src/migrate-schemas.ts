import { migrate, prepareDatabase, type Access, type MigrationClass } from '@aisle/persistence';
import { z } from 'zod';
import { BaseConfig } from './config.ts';
import { runTask } from './run-app.ts';
import type { Logger } from './telemetry/logger.ts';

/** How much a seed fills in: `s` for a first look, `m` for a day's work, `l` for load. */
export type SeedSize = 's' | 'm' | 'l';

/** The part of the database that is one app's, or one lib's, own. */
export interface AppSchema {
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
  /** All that the app may do in the schema; without it, its role reads and writes every table. */
  readonly access?: Access | undefined;
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

/** An app, and the schemas that it uses. */
export interface AppSchemas {
  /** As in `DATABASE_URL_<NAME>`, which names the role of this app; without that, it has the role of `DATABASE_URL`. */
  readonly name: string;
  readonly schemas: readonly AppSchema[];
}

/**
 * The task of a `migrate.ts`: brings the schemas up to date, in their order, and gives the app its rights in them, before any
 * process of the app starts. `--seed` also fills them (`--seed=m` or `--seed=l` with more). Several processes may run it at once.
 */
export async function migrateSchemas(...schemas: readonly AppSchema[]): Promise<void> {
  await migrateBy(z.object({}), () => schemas);
}

/** The same, where the app's configuration says which schemas. */
export async function migrateBy<S extends z.ZodRawShape>(
  extra: z.ZodObject<S>, schemasOf: (config: z.infer<z.ZodObject<S>>) => readonly AppSchema[],
): Promise<void> {
  await runTask('migrate', MigrateConfig.extend(extra.shape) as unknown as typeof MigrateConfig, async ({ config, logger }) => {
    const schemas = schemasOf(config as unknown as z.infer<z.ZodObject<S>>);
    await bringUp(config.DATABASE_ADMIN_URL, schemas.map((schema) => ({ url: config.DATABASE_URL, schema })), logger);
  });
}

/** The task for several apps at once, each with a role of its own. */
export async function migrateApps(apps: readonly AppSchemas[]): Promise<void> {
  const settingOf = (name: string): string => `DATABASE_URL_${name.toUpperCase().replaceAll('-', '_')}`;
  const own = z.object(Object.fromEntries(apps.map(({ name }) => [settingOf(name), z.url().optional()])));
  await runTask('migrate', MigrateConfig.extend(own.shape) as unknown as typeof MigrateConfig, async ({ config, logger }) => {
    const urls = config as Readonly<Record<string, unknown>>;
    const urlOf = (name: string): string => (urls[settingOf(name)] as string | undefined) ?? config.DATABASE_URL;
    const work = apps.flatMap(({ name, schemas }) => schemas.map((schema) => ({ url: urlOf(name), schema })));
    await bringUp(config.DATABASE_ADMIN_URL, work, logger);
  });
}

async function bringUp(
  adminUrl: string, work: readonly { readonly url: string; readonly schema: AppSchema }[], logger: Logger,
): Promise<void> {
  const size = wantedSeed(process.argv.slice(2));
  for (const { url: appUrl, schema: { schema, migrations, access } } of work) {
    await prepareDatabase({ adminUrl, appUrl, schema, access });
    logger.info('schema migrated', { schema, ran: await migrate({ adminUrl, appUrl, schema, migrations, access }) });
  }
  if (!size) return;
  for (const { url, schema: { seed } } of work) await seed?.({ url, size, logger });
}

function wantedSeed(args: readonly string[]): SeedSize | undefined {
  const seed = args.find((arg) => arg === '--seed' || arg.startsWith('--seed='));
  if (seed === undefined) return undefined;
  const size = seed.split('=')[1] ?? 's';
  if (!SIZES.includes(size)) throw new Error(`--seed takes s, m or l, not '${size}'`);
  return size as SeedSize;
}
