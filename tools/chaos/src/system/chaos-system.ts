import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwnServer, startSystem, TcpProxy } from '@aisle/dev/testing';
import type { AppName, AppPorts, AppProcess, OwnServer, TestSystem } from '@aisle/dev/testing';
import { Forger } from './forger.ts';

/** One living process of an app, with its own connections to Redis and PostgreSQL. */
export interface ChaosNode {
  readonly app: AppName;
  readonly process: AppProcess;
  readonly redis: TcpProxy;
  readonly postgres: TcpProxy;
}

/** The number of each app's processes without faults. */
export type Usual = Readonly<Partial<Record<AppName, number>>>;

/** See that file. */
const LEVER = new URL('./lever.mjs', import.meta.url).href;

/** The time within which a process must end after SIGTERM. */
export const LEAVE_WITHIN_MS = 25_000;

/** Real processes on a Redis and a PostgreSQL of their own, each process behind two proxies of its own. */
export class ChaosSystem {
  private readonly living = new Map<string, ChaosNode>();
  private readonly forgiven: ((line: string) => boolean)[] = [];

  private constructor(
    private readonly usual: Usual,
    readonly redis: OwnServer,
    readonly postgres: OwnServer,
    private readonly proxies: ReadonlyMap<string, readonly [redis: TcpProxy, postgres: TcpProxy]>,
    private readonly leverFolder: string,
    private readonly system: TestSystem,
  ) {
    for (const process of system.apps) this.add(process);
  }

  /** `environment` is added to every process's environment. */
  static async start(usual: Usual, environment: Readonly<Record<string, string>>): Promise<ChaosSystem> {
    const [redis, postgres] = await Promise.all([startOwnServer('redis'), startOwnServer('postgres', { onSmallDisk: true })]);
    const leverFolder = mkdtempSync(join(tmpdir(), 'aisle-chaos-levers-'));
    const proxies = new Map<string, readonly [TcpProxy, TcpProxy]>();
    try {
      const system = await startSystem(usual, {
        servers: { redisUrl: redis.url, adminDatabaseUrl: postgres.url },
        environmentOf: async (instance, { REDIS_URL, DATABASE_URL }) => {
          const ways = [new TcpProxy(new URL(REDIS_URL)), new TcpProxy(new URL(DATABASE_URL))] as const;
          await Promise.all(ways.map((way) => way.open()));
          proxies.set(instance, ways);
          const lever = { NODE_OPTIONS: `--import=${LEVER}`, CHAOS_LEVER: join(leverFolder, instance) };
          return { ...environment, ...lever, REDIS_URL: ways[0].url, DATABASE_URL: ways[1].url };
        },
      });
      return new ChaosSystem(usual, redis, postgres, proxies, leverFolder, system);
    } catch (error) {
      await Promise.all([...proxies.values()].flat().map((way) => way.close()));
      await Promise.all([redis.discard(), postgres.discard()]);
      rmSync(leverFolder, { recursive: true });
      throw error;
    }
  }

  /** The prefix of every key in Redis. */
  get keyPrefix(): string {
    return `${this.system.redisKeyPrefix}:`;
  }

  /** The apps' database, with the role of basket-server. */
  get databaseUrl(): string {
    return this.system.databaseUrlOf('basket-server');
  }

  /** The server's administrator. */
  get adminDatabaseUrl(): string {
    return this.system.adminDatabaseUrl;
  }

  /** The present address for shoppers, if there is one. A killed gateway comes back at another address. */
  get gatewayUrl(): string | undefined {
    return this.nodes('gateway')[0]?.process.url;
  }

  nodes(app?: AppName): ChaosNode[] {
    return [...this.living.values()].filter((node) => app === undefined || node.app === app);
  }

  /** Resolves when it is ready. It tries these ports first, and gets others if they are taken. */
  async start(app: AppName, ports?: AppPorts): Promise<ChaosNode> {
    return this.add(await this.system.start(app, ports));
  }

  /** Within the process: hangs its event loop, or sets its clock ahead of the true one by this many milliseconds. */
  pull({ process }: ChaosNode, what: 'hang' | number): void {
    writeFileSync(join(this.leverFolder, process.instance), String(what));
    process.signal('SIGUSR2');
  }

  /** kill -9, and waits until it is gone. */
  async kill(node: ChaosNode): Promise<void> {
    this.living.delete(node.process.instance);
    node.process.signal('SIGKILL');
    await node.process.ended();
  }

  /** SIGTERM; resolves with its exit code, or with the signal that ended it. */
  async end(node: ChaosNode): Promise<number | NodeJS.Signals> {
    node.process.signal('SIGTERM');
    const code = await node.process.ended();
    this.living.delete(node.process.instance);
    return code;
  }

  /** Starts missing processes. Resolves when the usual number of each app is ready. */
  async complete(): Promise<void> {
    const missing = (Object.keys(this.usual) as AppName[]).flatMap((app) =>
      Array<AppName>(Math.max(0, (this.usual[app] ?? 0) - this.nodes(app).length)).fill(app));
    await Promise.all(missing.map((app) => this.start(app)));
  }

  /** The shards of a basket-server, as it reports them. */
  async shardsOf(node: ChaosNode): Promise<readonly number[]> {
    const response = await fetch(`${node.process.opsUrl}/ops/shards`, { signal: AbortSignal.timeout(2_000) });
    return (await response.json()) as number[];
  }

  /** The processes that are not ready, with their reasons. */
  async unready(): Promise<string[]> {
    const answers = this.nodes().map(async ({ process: { instance, opsUrl } }) => {
      try {
        const response = await fetch(`${opsUrl}/health/ready`, { signal: AbortSignal.timeout(2_000) });
        return response.ok ? [] : [`${instance}: ${await response.text()}`];
      } catch (error) {
        return [`${instance}: ${(error as Error).message}`];
      }
    });
    return (await Promise.all(answers)).flat();
  }

  /** Processes that ended without a request. */
  crashed(): Promise<string[]> {
    const states = this.nodes().map(async ({ process: { instance, ended } }) => {
      const code = await Promise.race([ended(), Promise.resolve('alive')]);
      return code === 'alive' ? [] : [`${instance} ended by itself with ${code}`];
    });
    return Promise.all(states).then((found) => found.flat());
  }

  /** A client that sends messages past the gateway; close it afterwards. */
  forger(): Forger {
    return new Forger(this.redis.url, this.keyPrefix);
  }

  /** From now on such lines are no errors, because they were provoked. */
  forgive(isAskedFor: (line: string) => boolean): void {
    this.forgiven.push(isAskedFor);
  }

  /** All logged lines of all processes. */
  logged(): readonly string[] {
    return this.system.apps.flatMap(({ logs }) => logs);
  }

  /** The logged lines of level error that were not provoked. */
  errors(): readonly string[] {
    return this.system.errors().filter((line) => !this.forgiven.some((isAskedFor) => isAskedFor(line)));
  }

  /** Writes the logs of all processes into a new folder, and resolves with it. */
  async keepLogs(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'aisle-chaos-logs-'));
    await Promise.all(this.system.apps.map(({ instance, logs }) =>
      writeFile(join(folder, `${instance}.log`), `${logs.join('\n')}\n`)));
    return folder;
  }

  /** Ends everything at once. The orderly end of a process is a nemesis of its own. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes().map((node) => this.kill(node)));
    // A dead server must not keep the rest from being stopped.
    await this.system.stop().catch(() => {});
    await Promise.all([...this.proxies.values()].flat().map((way) => way.close()));
    await Promise.all([this.redis.discard(), this.postgres.discard()]);
    rmSync(this.leverFolder, { recursive: true });
  }

  private add(process: AppProcess): ChaosNode {
    const ways = this.proxies.get(process.instance);
    if (!ways) throw new Error(`${process.instance} has no proxies`);
    const app = process.instance.replace(/-\d+$/, '') as AppName;
    const node = { app, process, redis: ways[0], postgres: ways[1] };
    this.living.set(process.instance, node);
    return node;
  }
}
