import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RestateServerOptions {
  readonly ingressPort: number;
  readonly adminPort: number;
}

/** One node of Restate on the loopback. Its data is in the system's folder for temporary files. */
export class RestateServer {
  readonly #adminUrl: string;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(program: string, folder: string, { ingressPort, adminPort }: RestateServerOptions) {
    this.#adminUrl = `http://127.0.0.1:${adminPort}`;
    this.#folder = folder;
    this.#process = spawn(program, [], {
      env: {
        RESTATE_BASE_DIR: folder,
        RESTATE_LISTEN_MODE: 'tcp',
        RESTATE_BIND_IP: '127.0.0.1',
        RESTATE_ADVERTISED_HOST: '127.0.0.1',
        // For the port between nodes, of which there is one here.
        RESTATE_USE_RANDOM_PORTS: 'true',
        RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingressPort}`,
        RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${adminPort}`,
        RESTATE_DISABLE_TELEMETRY: 'true',
        RESTATE_LOG_FILTER: 'error',
        // See the README of the peers.
        RESTATE_DEFAULT_NUM_PARTITIONS: '2',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.#ended = once(this.#process, 'close');
  }

  static async start(options: RestateServerOptions): Promise<RestateServer> {
    const program = programPath();
    return new RestateServer(program, await mkdtemp(join(tmpdir(), 'aisle-restate-')), options);
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Tells it where services are served, as soon as it listens. */
  async register(uri: string): Promise<void> {
    while (this.#isRunning()) {
      const answer = await this.#post('/deployments', { uri }).catch(() => undefined);
      if (answer?.ok) return;
      if (answer && answer.status < 500) throw new Error(`restate-server refused the services: ${await answer.text()}`);
      await sleep(100);
    }
    throw new Error('restate-server ended');
  }

  async stop(): Promise<void> {
    if (this.#isRunning()) this.#process.kill('SIGTERM');
    await this.#ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  #post(path: string, body: object): Promise<Response> {
    return fetch(this.#adminUrl + path, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
    });
  }
}

/** The program itself. The package's own command is a Node process that starts it. */
function programPath(): string {
  try {
    const inPackage = createRequire(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
    return inPackage.resolve(`${PACKAGE}-${process.platform}-${process.arch}/bin/restate-server`);
  } catch (cause) {
    throw new Error(`restate-server is not installed; run: npm install --no-save ${PACKAGE}@${VERSION}`, { cause });
  }
}

// No dependency, because it is a program of 225 MB that only this benchmark uses.
const PACKAGE = '@restatedev/restate-server';
const VERSION = '1.7.12';
