import { ensureInfra, ensureKeeper, type Infra } from '../infra/ensure.ts';
import { readState } from '../infra/state.ts';
import { logPath } from '../logs/log-file.ts';
import { OPEN, SHOPPER_KEYS, makeAdminKey, type AdminKey } from './access.ts';
import { appDatabaseUrl, roleSettings } from './app-database.ts';
import { AppProcess } from './app-process.ts';
import { plan, type Plan } from './apps.ts';
import { migrateAndSeed } from './migrate.ts';
import type { StartOptions } from './options.ts';
import type { SystemPlace } from './running.ts';
import { ServersWatch } from './servers-watch.ts';
import { StepFailed, type Terminal } from './terminal.ts';

export interface SystemContext {
  readonly options: StartOptions;
  readonly dataDir: string;
  readonly place: SystemPlace;
  readonly terminal: Terminal;
}

const WATCH_MS = 1_000;

/** Everything that `npm start` starts, and its stop. */
export class LaunchedSystem {
  private readonly context: SystemContext;
  private readonly stopping = new AbortController();
  private infra: Infra | undefined;
  /** The administrator's key of a system that asks for credentials. */
  readonly adminKey: AdminKey | undefined;
  private stages: AppProcess[][] = [];
  private gateway = '';
  private watch: NodeJS.Timeout | undefined;

  constructor(context: SystemContext) {
    this.context = context;
    this.adminKey = context.options.secure ? makeAdminKey() : undefined;
  }

  /** Resolves when every app is ready. Rejects with a `StepFailed`, and must then be stopped. */
  async start() {
    const { options, dataDir, terminal } = this.context;
    const infra = (this.infra = await this.startInfra());
    this.stopping.signal.throwIfAborted();
    this.watchAll(infra);
    const databaseUrlOf = (app?: string): string => appDatabaseUrl(infra.adminDatabaseUrl, dataDir, app);
    const env = { REDIS_URL: infra.redisUrl };
    const roles = options.oneProcess ? {} : roleSettings(infra.adminDatabaseUrl, dataDir);

    await terminal.step('database', (progress) => {
      progress.detail('migrated, and seeded with markets m1, m2 and m3');
      return migrateAndSeed('database', {
        dataDir,
        env: { ...env, ...roles, DATABASE_URL: databaseUrlOf(), DATABASE_ADMIN_URL: infra.adminDatabaseUrl },
        signal: this.stopping.signal,
      });
    });

    const planned = await plan(options, { shared: { ...env, ...this.adminKey?.ops }, gateway: { ...SHOPPER_KEYS, ...(this.adminKey?.setting ?? OPEN) } }, databaseUrlOf);
    this.stopping.signal.throwIfAborted();
    for (const remark of planned.remarks) terminal.line(`${terminal.paint('yellow', '!')} ${remark}`);
    await this.startApps(planned);
  }

  /** The present port of the gateway. */
  get gatewayPort(): number {
    return this.apps.find(({ spec }) => spec.instance === this.gateway)?.port ?? 0;
  }

  get apps(): readonly AppProcess[] {
    return this.stages.flat();
  }

  /** Stops everything that was started, in order: apps that take requests first, the servers last. */
  async stop() {
    const { terminal, place } = this.context;
    this.stopping.abort();
    clearInterval(this.watch);
    for (const stage of this.stages) {
      const names = stage.map(({ spec }) => spec.instance).join(', ');
      await terminal.step(`stop ${names}`, () => Promise.all(stage.map((app) => app.stop())));
    }
    const { infra } = this;
    if (infra !== undefined && isKept(infra)) {
      await terminal.step(`stop ${this.servers}`, async (progress) => {
        if ((await infra.stop()) === 'still used') progress.detail('left running: others use them');
      });
    }
    place.leave();
  }

  /** Ends the apps at once. Redis and PostgreSQL stop by themselves, since their user is gone. */
  kill() {
    for (const app of this.apps) app.kill();
  }

  private get servers(): string {
    return this.context.options.oneProcess ? 'PostgreSQL' : 'Redis and PostgreSQL';
  }

  private async startInfra(): Promise<Infra> {
    const { options, dataDir, terminal } = this.context;
    const title = this.servers;
    const needs = options.oneProcess ? (['postgres'] as const) : (['redis', 'postgres'] as const);
    return terminal.step(title, async (progress) => {
      try {
        const infra = await ensureInfra({ dataDir, needs, report: (line) => progress.now(line) });
        progress.detail(Object.values(infra.sources).join('; '));
        return infra;
      } catch (error) {
        throw new StepFailed(
          title,
          (error as Error).message,
          'correct that, then start again',
          logPath(dataDir, 'keeper'),
        );
      }
    });
  }

  /** Reports servers that die, restarts their keeper, and bounds the logs, until everything stops. */
  private watchAll(infra: Infra) {
    const { dataDir, terminal } = this.context;
    const servers = new ServersWatch(terminal);
    this.watch = setInterval(() => {
      for (const app of this.apps) app.rotateLog();
      if (!isKept(infra)) return;
      const state = readState(dataDir);
      if (state?.phase === 'up') servers.look(state, Date.now());
      try {
        ensureKeeper(dataDir, () =>
          terminal.line(`${terminal.paint('yellow', '!')} the keeper of ${this.servers} has ended; another one takes over`));
      } catch (error) {
        clearInterval(this.watch);
        terminal.line(`${terminal.paint('red', '✗')} ${(error as Error).message}`);
      }
    }, WATCH_MS);
  }

  private async startApps({ stages, gateway }: Plan) {
    const { dataDir, terminal } = this.context;
    this.gateway = gateway;
    const changed = () => this.record();
    this.stages = stages.map((stage) =>
      stage.map((spec) => new AppProcess(spec, { dataDir, terminal, changed })),
    );
    await Promise.all(
      this.apps.map((app) =>
        terminal.step(app.spec.instance, async (progress) => {
          await app.start((reason) => progress.now(reason));
          progress.detail(`pid ${app.identity?.pid}`);
        }),
      ),
    );
  }

  private record() {
    const processes = this.apps.flatMap(({ identity, opsUrl, launchId, spec: { instance } }) =>
      identity === undefined ? [] : [{ ...identity, instance, opsUrl, launchId }],
    );
    this.context.place.record({ urls: [`http://localhost:${this.gatewayPort}`], processes });
  }
}

/** True if any server belongs to this workspace, and is not given by a URL. */
function isKept({ sources }: Infra): boolean {
  return Object.values(sources).some((source) => !source.endsWith('_URL'));
}
