import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findOnPath, run } from '../process/run.ts';
import { workspaceRoot } from '../workspace.ts';
import { canFetchDebianRedis, debianRedis } from './debian-redis.ts';
import { launch, onFreePort, type Running, type Service, type StartContext } from './service.ts';

const DOCKER_IMAGE = 'redis:7-alpine';

const FIXES = `no Redis to be had; any one of these helps:
  - install redis-server (or valkey-server) so that it is on PATH
  - start Docker, so that ${DOCKER_IMAGE} can run
  - set REDIS_URL to a Redis that runs, such as redis://127.0.0.1:6379`;

interface Program {
  readonly source: string;
  readonly path: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Name of the container, if it runs in one. */
  readonly container?: string;
}

/** Redis as a cache and a transport: nothing is persisted, and nothing is evicted. */
export const redis: Service = {
  name: 'redis',
  stopSteps: [['SIGTERM', 5_000], ['SIGKILL', 2_000]],

  async start(context) {
    const program = await findProgram(context);
    return onFreePort(context, (port) => startOn(port, program, context));
  },

  async probe(url) {
    await serverInfo(url);
  },
};

async function startOn(port: number, program: Program, context: StartContext): Promise<Running> {
  const folder = join(context.dataDir, 'redis');
  mkdirSync(folder, { recursive: true });
  const settings = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
  const args =
    program.container === undefined
      ? ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...settings]
      : [
          'run', '--rm', '--name', program.container, '--publish', `127.0.0.1:${port}:6379`,
          DOCKER_IMAGE, 'redis-server', ...settings,
        ];
  const url = `redis://127.0.0.1:${port}`;
  let answeringPid: number | undefined;
  const server = await launch(
    redis,
    context,
    { path: program.path, args, options: { env: { ...process.env, ...program.env } } },
    async () => {
      answeringPid = (await serverInfo(url)).pid;
    },
  );
  if (program.container === undefined && answeringPid !== server.pid) {
    throw new Error(`address already in use: another Redis answers on port ${port}`);
  }
  return { url, port, source: program.source, process: server };
}

async function findProgram(context: StartContext): Promise<Program> {
  for (const name of ['redis-server', 'valkey-server']) {
    const path = findOnPath(name);
    if (path !== undefined) return { source: `${name} on PATH`, path };
  }
  const tried: string[] = [];
  if (canFetchDebianRedis()) {
    try {
      // A program and not data, so all data folders of the workspace share it.
      const copy = await debianRedis(join(workspaceRoot, '.aisle', 'debian-redis'), context.note);
      return { source: 'private copy of the Debian package', ...copy };
    } catch (error) {
      tried.push(`the private Debian copy failed: ${(error as Error).message}`);
    }
  }
  const docker = findOnPath('docker');
  if (docker !== undefined) {
    const folder = createHash('sha256').update(context.dataDir).digest('hex').slice(0, 12);
    const container = `aisle-redis-${folder}`;
    try {
      await run(docker, ['version', '--format', '{{.Server.Version}}']);
      await run(docker, ['rm', '--force', container]).catch(() => undefined);
      context.note(`starting ${DOCKER_IMAGE} with Docker`);
      return { source: `Docker (${DOCKER_IMAGE})`, path: docker, container };
    } catch (error) {
      tried.push(`Docker failed: ${(error as Error).message}`);
    }
  }
  throw new Error([FIXES, ...tried.map((line) => `  (${line})`)].join('\n'));
}

/** The process id that the server at that URL reports. Rejects if it does not answer. */
async function serverInfo(url: string): Promise<{ pid: number }> {
  const client = new Redis(url, {
    lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000, maxRetriesPerRequest: 0,
  });
  let failure: Error | undefined;
  client.on('error', (error: Error) => (failure = error));
  try {
    await client.connect();
    return { pid: Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]) };
  } catch (error) {
    throw failure ?? error;
  } finally {
    client.disconnect();
  }
}
