// `npm run seed -- --size s|m|l`: brings the database up to date, and fills it. Existing data stays unchanged. `npm run
// db:reset`: the same, after dropping everything.
import { Client } from 'pg';
import { ensureInfra } from './infra/ensure.ts';
import { appDatabaseUrl, roleSettings } from './launcher/app-database.ts';
import { migrateAndSeed } from './launcher/migrate.ts';
import { claimPlace } from './launcher/running.ts';
import { failureLines } from './launcher/terminal.ts';
import { readFlags } from './read-flags.ts';
import { defaultDataDir } from './workspace.ts';

const SIZES = ['s', 'm', 'l'];

async function main(): Promise<number> {
  const values = readFlags({ size: { type: 'string', default: 's' }, reset: { type: 'boolean', default: false } });
  if (!SIZES.includes(values.size)) {
    console.error(`--size takes s, m or l, not '${values.size}'`);
    return 2;
  }
  const dataDir = defaultDataDir();
  const infra = await ensureInfra({ dataDir, report: (line) => console.log(line) });
  if (values.reset && !(await reset(dataDir, infra.adminDatabaseUrl))) return 1;
  const env = {
    ...roleSettings(infra.adminDatabaseUrl, dataDir), REDIS_URL: infra.redisUrl,
    DATABASE_URL: appDatabaseUrl(infra.adminDatabaseUrl, dataDir), DATABASE_ADMIN_URL: infra.adminDatabaseUrl,
  };
  await migrateAndSeed('database', { dataDir, env, size: values.size });
  console.log(`migrated, and seeded with size ${values.size}`);
  await infra.stop();
  return 0;
}

/** Drops the database; false while a system runs on it. */
async function reset(dataDir: string, adminUrl: string): Promise<boolean> {
  const claimed = await claimPlace(dataDir);
  if (!('place' in claimed)) {
    console.error(`Aisle runs on this database (pid ${claimed.pid}): stop it first`);
    return false;
  }
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query('DROP DATABASE IF EXISTS aisle WITH (FORCE)');
  await admin.end();
  claimed.place.leave();
  console.log('dropped the database');
  return true;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(failureLines(error).join('\n'));
  process.exit(1);
}
