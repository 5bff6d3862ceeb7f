// One system per data folder: a second `npm start` reports the address of the first.
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

/** One process of an app, with the data to inspect or kill it. */
export interface RunningProcess extends ProcessIdentity, Reachable {
  readonly instance: string;
}

/** The system that runs from a data folder; undefined if there is none. */
export function runningSystem(dataDir: string): RunningSystem | undefined {
  const system = readJson<RunningSystem>(fileIn(dataDir));
  return system && system.processes.some(isAlive) ? system : undefined;
}

function fileIn(dataDir: string): string {
  return join(dataDir, 'start', 'running.json');
}

/** The claim on a data folder by its one system. */
export interface SystemPlace {
  record(system: RunningSystem): void;
  leave(): void;
}

/** Claims the folder, and ends the remains of a killed launcher; or returns the present holder. */
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
