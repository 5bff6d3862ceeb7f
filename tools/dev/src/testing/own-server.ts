import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafka } from '../infra/kafka.ts';
import { postgres } from '../infra/postgres.ts';
import { discardPrograms } from '../infra/postgres-programs.ts';
import { redis } from '../infra/redis.ts';
import { makeFolders, type ServiceName } from '../infra/state.ts';
import { isAlive, signalProcess, stopProcess } from '../process/identity.ts';
import type { Running } from '../infra/service.ts';

/** A Redis, a PostgreSQL or a Kafka of one's own, with data of its own: to be killed and paused without harm to anybody. */
export interface OwnServer {
  /** Stays the same from one start to the next. */
  readonly url: string;
  signal(signal: NodeJS.Signals): void;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on its data, and waits until it answers. */
  restart(): Promise<void>;
  /** False once it was killed, or gave up by itself. */
  isAlive(): boolean;
  /** Where it has a disk of its own: leaves no room on it, or all that there was. */
  readonly disk?: { fill(): void; free(): void };
  /** Ends it, and deletes its data. */
  discard(): Promise<void>;
}

export interface OwnServerOptions {
  /** Whether its data stands on a disk of its own, in memory, where this user may mount one. */
  readonly onSmallDisk?: boolean;
}

/** More than anybody's test writes; what is not written takes no memory. */
const DISK_BYTES = 4 * 1024 ** 3;

const SERVICES = { redis, postgres, kafka };

/** Starts one, and waits until it answers. Durability is as in production: PostgreSQL keeps fsync on. */
export async function startOwnServer(name: ServiceName, { onSmallDisk = false }: OwnServerOptions = {}): Promise<OwnServer> {
  const service = SERVICES[name];
  const dataDir = mkdtempSync(join(tmpdir(), `aisle-${name}-`));
  const disk = onSmallDisk ? mountDisk(dataDir) : undefined;
  // PostgreSQL runs as another user when we are root.
  chmodSync(dataDir, 0o755);
  makeFolders(dataDir);
  const start = (port?: number): Promise<Running> =>
    service.start({ dataDir, port, note: () => {}, spawned: () => {} });
  let running = await start();
  const { url, port } = running;
  return {
    url,
    signal: (signal) => signalProcess(running.process, signal),
    kill: () => stopProcess(running.process, [['SIGKILL', 10_000]]),
    async restart() {
      if (isAlive(running.process)) await stopProcess(running.process, service.stopSteps);
      running = await start(port);
      if (running.url !== url) throw new Error(`${name} could not have its port again`);
    },
    isAlive: () => isAlive(running.process),
    ...(disk && { disk }),
    async discard() {
      signalProcess(running.process, 'SIGCONT');
      // Without the polite first step: there is nothing to keep.
      await stopProcess(running.process, service.stopSteps.slice(1));
      disk?.unmount();
      rmSync(dataDir, { recursive: true, force: true });
      discardPrograms(dataDir);
    },
  };
}

/** Undefined where this user may not mount. */
function mountDisk(folder: string) {
  const mount = (options: string): void => void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' });
  try {
    mount(`size=${DISK_BYTES},mode=755`);
  } catch {
    return undefined;
  }
  return {
    fill() {
      const { blocks, bfree, bsize } = statfsSync(folder);
      mount(`remount,size=${(blocks - bfree) * bsize}`);
    },
    free: () => mount(`remount,size=${DISK_BYTES}`),
    unmount: () => void execFileSync('umount', ['--lazy', folder]),
  };
}
