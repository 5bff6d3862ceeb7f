import { migrate, prepareDatabase, type Access, type MigrationClass } from '@aisle/persistence';
import { z } from 'zod';
import { BaseConfig } from './config.ts';
import { runTask } from './run-app.ts';
import type { Logger } from './telemetry/logger.ts';

/** The amount of seed data: `s` for a first look, `m` for a day's work, `l` for load tests. */
export type SeedSize = 's' | 'm' | 'l';

/** A database schema that belongs to one app or one lib. */
export interface AppSchema {
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
  /** The rights of the app in the schema. Without it, the app's role reads and writes every table. */
  readonly access?: Access | undefined;
  /** Fills the schema with sample data; existing rows stay as they are. `url` is the app role's. */
  seed?(seeding: { readonly url: string; readonly size: SeedSize; readonly logger: Logger }): Promise<void>;
}

const SIZES: readonly string[] = ['s', 'm', 'l'] satisfies SeedSize[];

const MigrateConfig = BaseConfig.extend({
  /** A role that may create databases and roles. */
  DATABASE_ADMIN_URL: z.url(),
  /** The app's database and role. Both are created if they do not exist. */
  DATABASE_URL: z.url(),
});

/** An app and the schemas that it uses. */
export interface AppSchemas {
  /** `DATABASE_URL_<NAME>` gives the app's role; without that variable it is the role of `DATABASE_URL`. */
  readonly name: string;
  readonly schemas: readonly AppSchema[];
}

/**
 * The task of a `migrate.ts`, which runs before any process of the app. It brings the schemas up to date in the given order and grants
 * the app its rights. `--seed` also fills them; `--seed=m` and `--seed=l` fill in more. Several processes may run it at once.
 */
export async function migrateSchemas(...schemas: readonly AppSchema[]): Promise<void> {
  await migrateBy(z.object({}), () => schemas);
}

/** As `migrateSchemas`, for an app whose schemas depend on its configuration. `extra` are the settings that decide. */
export async function migrateBy<S extends z.ZodRawShape>(
  extra: z.ZodObject<S>, schemasOf: (config: z.infer<z.ZodObject<S>>) => readonly AppSchema[],
): Promise<void> {
  await runTask('migrate', MigrateConfig.extend(extra.shape) as unknown as typeof MigrateConfig, async ({ config, logger }) => {
    const schemas = schemasOf(config as unknown as z.infer<z.ZodObject<S>>);
    await bringUp(config.DATABASE_ADMIN_URL, schemas.map((schema) => ({ url: config.DATABASE_URL, schema })), logger);
  });
}

/** As `migrateSchemas`, for several apps at once, each with a role of its own. */
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
