// One owner per folder. The lock is the highest of the files `lock.<n>`. A process that finds its holder gone makes
// `lock.<n+1>`, which only one process can. Numbers never fall, so a slow claimant cannot take a lock that was taken
// over in the meantime. With one file that is deleted when stale it could.
import { linkSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity } from './identity.ts';

export interface Lock {
  /** False once another process took over, or the folder is gone. */
  isHeld(): boolean;
  release(): void;
}

/** Takes the lock for `owner`, or returns undefined if a living process has it. */
export function claimLock(folder: string, owner: ProcessIdentity): Lock | undefined {
  const generation = highest(folder);
  if (lockHolder(folder) !== undefined) return undefined;

  const mine = generation + 1;
  const draft = write(folder, owner);
  try {
    linkSync(draft, lockPath(folder, mine));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  if (highest(folder) !== mine) {
    rmSync(lockPath(folder, mine), { force: true });
    return undefined;
  }
  for (const old of generations(folder)) {
    if (old < mine) rmSync(lockPath(folder, old), { force: true });
  }
  return {
    isHeld: () => highest(folder) === mine,
    release: () => renameSync(write(folder, 'released'), lockPath(folder, mine)),
  };
}

/** The living holder of the lock. */
export function lockHolder(folder: string): ProcessIdentity | undefined {
  for (;;) {
    const generation = highest(folder);
    if (generation === 0) return undefined;
    try {
      const owner = JSON.parse(readFileSync(lockPath(folder, generation), 'utf8')) as
        | ProcessIdentity
        | 'released';
      return owner !== 'released' && isAlive(owner) ? owner : undefined;
    } catch (error) {
      // The lock was replaced between the two reads.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function highest(folder: string): number {
  return Math.max(0, ...generations(folder));
}

function generations(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => (/^lock\.\d+$/.test(name) ? [Number(name.slice(5))] : []));
}

function lockPath(folder: string, generation: number): string {
  return join(folder, `lock.${generation}`);
}

function write(folder: string, content: ProcessIdentity | 'released'): string {
  const draft = join(folder, `draft.lock.${process.pid}`);
  writeFileSync(draft, JSON.stringify(content));
  return draft;
}
