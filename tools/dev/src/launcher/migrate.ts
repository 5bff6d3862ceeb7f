import { spawn } from 'node:child_process';
import { openLog, sourceArgs, workspaceRoot } from '../workspace.ts';
import { indent } from './app-process.ts';
import { StepFailed } from './terminal.ts';

const ENTRY = 'tools/monolith/src/migrate.ts';

/**
 * Makes database, role and tables, and the supermarkets of the seed: what is there already stays as it
 * is. Several processes may do so at once, since the migration takes a lock of its own in PostgreSQL.
 */
export async function migrateAndSeed(
  step: string,
  { dataDir, env, signal, size = 's' }: {
    dataDir: string; env: Record<string, string>; signal?: AbortSignal; size?: string;
  },
): Promise<void> {
  const log = openLog(dataDir, 'migrate');
  const child = spawn(process.execPath, [...sourceArgs(ENTRY), `--seed=${size}`], {
    cwd: workspaceRoot,
    env: { ...process.env, ...env, INSTANCE: 'migrate' },
    stdio: ['ignore', log.descriptor, log.descriptor],
    detached: true,
    ...(signal ? { signal } : {}),
  });
  log.close();
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killedBy) => resolve(code === 0 ? '' : (killedBy ?? `code ${code}`)));
  });
  if (end === '') return;
  throw new StepFailed(
    step,
    `the migration ended with ${end}; its last words:\n${indent(log.tail())}`,
    'correct what the log says; when the data may go, delete the data folder to begin with an empty database',
    log.path,
  );
}
