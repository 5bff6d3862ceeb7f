// `nx serve <app>`: one app from source in the foreground of this terminal, restarted at every edit. Redis and
// PostgreSQL are shared with every other terminal, and outlive this one while another needs them.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AppName } from './app-list.ts';
import { ensureInfra } from './infra/ensure.ts';
import { OPEN, SHOPPER_KEYS } from './launcher/access.ts';
import { appDatabaseUrl, roleSettings } from './launcher/app-database.ts';
import { reserve, wantedPort } from './launcher/apps.ts';
import { migrateAndSeed } from './launcher/migrate.ts';
import { failureLines } from './launcher/terminal.ts';
import { defaultDataDir, sourceArgs, strategiesFolder, workspaceRoot } from './workspace.ts';

const FIRST_OPS_PORT = 9101;

async function main(folder: string | undefined): Promise<number> {
  const entry = `${folder}/src/main.ts`;
  if (folder === undefined || !existsSync(join(workspaceRoot, entry))) {
    console.error(`usage: serve.ts apps/<app>; there is no ${entry}`);
    return 2;
  }
  const app = basename(folder);
  const say = (line: string) => console.log(`${app}: ${line}`);
  const dataDir = defaultDataDir();
  const infra = await ensureInfra({ dataDir, report: say });
  const env: Record<string, string> = {
    REDIS_URL: infra.redisUrl,
    DATABASE_URL: appDatabaseUrl(infra.adminDatabaseUrl, dataDir, app),
  };
  const roles = roleSettings(infra.adminDatabaseUrl, dataDir);
  await migrateAndSeed('database', { dataDir, env: { ...env, ...roles, DATABASE_ADMIN_URL: infra.adminDatabaseUrl } });

  const remarks: string[] = [];
  const port = wantedPort(app as AppName);
  if (port !== undefined) env['PORT'] = String(await reserve(port, remarks));
  if (app === 'gateway') Object.assign(env, OPEN, SHOPPER_KEYS);
  if (app === 'producer-consumer') env['LIVE_VIEW'] = 'on';
  if (app === 'basket-server') env['STRATEGIES_FOLDER'] = strategiesFolder();
  env['OPS_PORT'] = String(await reserve(FIRST_OPS_PORT, []));
  env['INSTANCE'] = `${app}-${process.pid}`;
  for (const remark of remarks) say(remark);
  if (env['PORT'] !== undefined) say(`http://localhost:${env['PORT']}`);
  say(`ops http://127.0.0.1:${env['OPS_PORT']}, logs of Redis and PostgreSQL in ${join(dataDir, 'logs')}`);
  return watch(entry, env);
}

/** In our own process group, so that Ctrl-C in the terminal reaches the app directly. */
function watch(entry: string, env: Record<string, string>): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--watch', '--watch-preserve-output', ...sourceArgs(entry)],
    { cwd: workspaceRoot, env: { ...process.env, ...env }, stdio: 'inherit' },
  );
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 0));
  });
}

try {
  process.exit(await main(process.argv[2]));
} catch (error) {
  console.error(failureLines(error).join('\n'));
  process.exit(1);
}
