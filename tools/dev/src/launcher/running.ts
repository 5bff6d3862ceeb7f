// One system per data folder: a second `npm start` is told where the first one is.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, ownIdentity, stopProcess, type ProcessIdentity } from '../process/identity.ts';
import { readJson, writeJson } from '../process/json-file.ts';
import type { Reachable } from '../process/ops-port.ts';
import { claimLock, lockHolder } from '../process/lock.ts';

export interface RunningSystem {
  /** Empty while the system is still starting. */
  readonly urls: readonly string[];
  readonly processes: readonly RunningProcess[];
}

/** One process of an app, as whoever wants to look at it or to kill it finds it. */
export interface RunningProcess extends ProcessIdentity, Reachable {
  readonly instance: string;
}

/** The system that runs from a data folder; undefined when none does. */
export function runningSystem(dataDir: string): RunningSystem | undefined {
  const system = readJson<RunningSystem>(fileIn(dataDir));
  return system && system.processes.some(isAlive) ? system : undefined;
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'start', 'running.json');
}

/** The place of the one system of a data folder. */
export interface SystemPlace {
  record(system: RunningSystem): void;
  leave(): void;
}

/** Takes the place, and ends what a killed launcher left behind; or says who has it. */
export async function claimPlace(
  dataDir: string,
): Promise<{ place: SystemPlace } | { pid: number; system: RunningSystem }> {
  const folder = join(dataDir, 'start');
  const file = fileIn(dataDir);
  mkdirSync(folder, { recursive: true });
  const lock = claimLock(folder, ownIdentity());
  const before = readJson<RunningSystem>(file) ?? { urls: [], processes: [] };
  if (lock === undefined) return { pid: lockHolder(folder)?.pid ?? 0, system: before };

  const left = before.processes.filter(isAlive);
  await Promise.all(left.map((process) => stopProcess(process, [['SIGTERM', 5_000], ['SIGKILL', 2_000]])));
  const record = (system: RunningSystem) => lock.isHeld() && writeJson(file, system);
  record({ urls: [], processes: [] });
  return {
    place: {
      record,
      leave() {
        record({ urls: [], processes: [] });
        if (lock.isHeld()) lock.release();
      },
    },
  };
}
