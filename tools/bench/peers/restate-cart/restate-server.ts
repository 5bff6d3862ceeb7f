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
  /** Further settings, as environment variables. */
  readonly settings: Readonly<Record<string, string>>;
}

/** One node of Restate on the loopback. Its data is in the system's folder for temporary files. */
export class RestateServer {
  readonly #adminUrl: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor({ ingressPort, adminPort, settings }: RestateServerOptions, folder: string) {
    this.#adminUrl = `http://127.0.0.1:${adminPort}`;
    this.#folder = folder;
    this.#process = spawn(binary(), [], {
      env: {
        RESTATE_BASE_DIR: folder,
        RESTATE_LISTEN_MODE: 'tcp',
        RESTATE_BIND_IP: '127.0.0.1',
        RESTATE_ADVERTISED_HOST: '127.0.0.1',
        // For the port between nodes, which nobody needs here.
        RESTATE_USE_RANDOM_PORTS: 'true',
        RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingressPort}`,
        RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${adminPort}`,
        RESTATE_DISABLE_TELEMETRY: 'true',
        RESTATE_LOGGING: 'ERROR',
        RESTATE_LOG_FILTER: 'error',
        ...settings,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  static async start(options: RestateServerOptions): Promise<RestateServer> {
    return new RestateServer(options, await mkdtemp(join(tmpdir(), 'aisle-restate-')));
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Tells it where services are served, once it listens. */
  async register(uri: string): Promise<void> {
    while (this.#process.exitCode === null) {
      const answer = await this.#post('/deployments', { uri, use_http_11: false }).catch(() => undefined);
      if (answer?.ok) return;
      if (answer && answer.status < 500) throw new Error(`restate-server refused the services: ${await answer.text()}`);
      await sleep(100);
    }
    throw new Error(`restate-server ended with ${this.#process.exitCode}`);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      const ended = once(this.#process, 'close');
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #post(path: string, body: object): Promise<Response> {
    return fetch(this.#adminUrl + path, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
    });
  }
}

/** The program itself. The package's own command is a Node process that starts it. */
function binary(): string {
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('@restatedev/restate-server/package.json'));
  return fromPackage.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);
}
