import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundled } from '../build/programs.ts';
import { lastWords } from '../logs/last-words.ts';
import { openLog, type Log } from '../logs/log-file.ts';
import { TRY_AGAIN_CODE } from '../process/ops-port.ts';
import { workspaceRoot } from '../workspace.ts';
import { StepFailed, withWords } from './terminal.ts';

const ENTRY = 'tools/workspace/src/monolith/migrate.ts';
const AGAIN_MS = 1_000;

/**
 * Creates database, role and tables, and the supermarkets of the seed. Existing data stays unchanged. Several processes
 * may run it at once, since the migration takes a lock in PostgreSQL.
 */
export async function migrateAndSeed(
  step: string,
  { dataDir, env, signal, size = 's' }: {
    dataDir: string; env: Record<string, string>; signal?: AbortSignal; size?: string;
  },
): Promise<void> {
  for (;;) {
    const log = openLog(dataDir, 'migrate');
    const end = await migrateOnce(log, { env, size, ...(signal ? { signal } : {}) });
    if (end === '') return;
    // On a busy machine even a running server may not answer in time.
    if (end === `code ${TRY_AGAIN_CODE}`) {
      await sleep(AGAIN_MS);
      continue;
    }
    throw new StepFailed(
      step,
      withWords(`the migration ended with ${end}`, lastWords(log, Date.now())),
      'correct the errors in the log; or, if the data is not needed, delete the data folder to begin with an empty database',
      log.path,
    );
  }
}

/** Resolves with the way in which it ended, as a phrase; empty after a success. */
async function migrateOnce(
  log: Log, { env, signal, size }: { env: Record<string, string>; signal?: AbortSignal; size: string },
): Promise<string> {
  const programs = await bundled();
  const child = spawn(process.execPath, [...programs.argsOf(ENTRY), `--seed=${size}`], {
    cwd: workspaceRoot,
    env: { ...process.env, ...env, INSTANCE: 'migrate' },
    stdio: ['ignore', log.descriptor, log.descriptor],
    detached: true,
    ...(signal ? { signal } : {}),
  });
  log.close();
  return new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killedBy) => resolve(code === 0 ? '' : (killedBy ?? `code ${code}`)));
  });
}
