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

/** A separate Redis, PostgreSQL or Kafka with its own data, which a test may kill and pause. */
export interface OwnServer {
  /** The same for all starts. */
  readonly url: string;
  signal(signal: NodeJS.Signals): void;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again on its data, and waits until it answers. */
  restart(): Promise<void>;
  /** False once it was killed or ended by itself. */
  isAlive(): boolean;
  /** For a server on its own disk: fills the disk, or frees it again. */
  readonly disk?: { fill(): void; free(): void };
  /** Ends it, and deletes its data. */
  discard(): Promise<void>;
}

export interface OwnServerOptions {
  /** True for a disk of its own, in memory, if this user may mount one. */
  readonly onSmallDisk?: boolean;
}

/** More than any test writes. Unwritten space takes no memory. */
const DISK_BYTES = 4 * 1024 ** 3;

const SERVICES = { redis, postgres, kafka };

/** Starts a server, and waits until it answers. Durability is as in production: PostgreSQL keeps fsync on. */
export async function startOwnServer(name: ServiceName, { onSmallDisk = false }: OwnServerOptions = {}): Promise<OwnServer> {
  const service = SERVICES[name];
  const dataDir = mkdtempSync(join(tmpdir(), `aisle-${name}-`));
  const disk = onSmallDisk ? mountDisk(dataDir) : undefined;
  // PostgreSQL runs as another user if we are root.
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
      if (running.url !== url) throw new Error(`${name} could not bind its port again`);
    },
    isAlive: () => isAlive(running.process),
    ...(disk && { disk }),
    async discard() {
      signalProcess(running.process, 'SIGCONT');
      // Without the orderly first step: there is no data to keep.
      await stopProcess(running.process, service.stopSteps.slice(1));
      disk?.unmount();
      rmSync(dataDir, { recursive: true, force: true });
      discardPrograms(dataDir);
    },
  };
}

/** Undefined if this user may not mount. */
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
