// The process that owns Redis, PostgreSQL and Kafka of one data folder: `keeper.ts <data folder>`. It starts the
// services that its users need, restarts crashed ones, and stops everything some time after the last user has ended.
// Users are recognised by their pids, so a killed one counts as gone.
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, ownIdentity, stopProcess, type ProcessIdentity } from '../process/identity.ts';
import { claimLock, type Lock } from '../process/lock.ts';
import { logPath, rotateLog } from '../logs/log-file.ts';
import { kafka } from './kafka.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import type { Service } from './service.ts';
import {
  infraFolder, livingUsers, makeFolders, readState, writeState,
  type InfraState, type InfraUser, type ServiceName, type ServiceState,
} from './state.ts';

const TICK_MS = 200;
const IDLE_MS = 5_000;
const RESTART_AFTER_MS = 1_000;

// In stop order: services without precious data come first.
const SERVICES: readonly Service[] = [redis, kafka, postgres];

/** The requests of signals so far. */
const asked = { stop: false, stopWhenUnused: false };

class Keeper {
  private readonly dataDir: string;
  private readonly lock: Lock;
  private state: InfraState;
  private lastUserMs = Date.now();
  /** Services that have been up. They are restarted automatically. */
  private readonly proven = new Set<ServiceName>();

  constructor(dataDir: string, lock: Lock) {
    this.dataDir = dataDir;
    this.lock = lock;
    this.state = { phase: 'up', services: {}, ports: readState(dataDir)?.ports ?? {} };
  }

  async run() {
    await this.adopt();
    while (!asked.stop && this.lock.isHeld()) {
      const users = livingUsers(this.dataDir);
      if (users.length === 0 && this.hasIdled() && this.mayStop()) break;
      await Promise.all(SERVICES.map((service) => this.tend(service, users)));
      // A start takes time, which does not count as idle.
      if (users.length > 0) [this.lastUserMs, asked.stopWhenUnused] = [Date.now(), false];
      for (const name of ['keeper', ...SERVICES.map((service) => service.name)]) rotateLog(logPath(this.dataDir, name));
      await sleep(TICK_MS);
    }
    await this.stop();
  }

  private hasIdled(): boolean {
    return asked.stopWhenUnused || Date.now() - this.lastUserMs > IDLE_MS;
  }

  /**
   * Takes over the servers and users of a killed keeper. The state is published at once, so that no reader sees one
   * server while the other is still being checked.
   */
  private async adopt() {
    const left = readState(this.dataDir)?.services ?? {};
    await Promise.all(
      SERVICES.map(async (service) => {
        const before = left[service.name];
        if (before === undefined || !('process' in before) || !isAlive(before.process)) return;
        const answers =
          before.status === 'up' && (await service.probe(before.url).then(() => true, () => false));
        if (!answers) return stopProcess(before.process, service.stopSteps);
        log(`${service.name}: took over process ${before.process.pid}`);
        this.proven.add(service.name);
        this.state = { ...this.state, services: { ...this.state.services, [service.name]: before } };
      }),
    );
    this.publish();
  }

  private async tend(service: Service, users: readonly InfraUser[]) {
    const now = this.state.services[service.name];
    if (now?.status === 'up' && isAlive(now.process)) return;
    if (now?.status === 'up') log(`${service.name}: process ${now.process.pid} is gone`);
    const wanting = users.filter((user) => user.needs.includes(service.name));
    if (wanting.length === 0) return;
    if (now?.status === 'failed') {
      const restart = this.proven.has(service.name) && Date.now() - now.atMs > RESTART_AFTER_MS;
      if (!restart && !wanting.some((user) => user.sinceMs > now.atMs)) return;
    }
    await this.start(service);
  }

  private async start(service: Service) {
    let spawned: { process?: ProcessIdentity } = {};
    const starting = (note?: string) => {
      if (note !== undefined) log(`${service.name}: ${note}`);
      this.set(service.name, { status: 'starting', ...(note ? { note } : {}), ...spawned });
    };
    starting();
    try {
      const { port, ...running } = await service.start({
        dataDir: this.dataDir,
        port: this.state.ports[service.name],
        note: starting,
        spawned: (process) => {
          spawned = { process };
          starting();
        },
      });
      this.proven.add(service.name);
      this.state = { ...this.state, ports: { ...this.state.ports, [service.name]: port } };
      this.set(service.name, { status: 'up', ...running });
      log(`${service.name}: up on port ${port} (${running.source})`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log(`${service.name}: ${message}`);
      this.set(service.name, { status: 'failed', message, atMs: Date.now() });
    }
  }

  /**
   * Announces the end, then looks for users once more. A user registers first and reads the announcement afterwards. So
   * it is either seen here, or it waits for the next keeper.
   */
  private mayStop(): boolean {
    this.state = { ...this.state, phase: 'stopping' };
    this.publish();
    if (livingUsers(this.dataDir).length === 0) return true;
    this.state = { ...this.state, phase: 'up' };
    this.publish();
    return false;
  }

  private async stop() {
    log(this.lock.isHeld() ? 'stopping' : 'stopping: the data folder is gone or has another keeper');
    this.state = { ...this.state, phase: 'stopping' };
    this.publish();
    for (const service of SERVICES) {
      const now = this.state.services[service.name];
      if (now !== undefined && 'process' in now) {
        await stopProcess(now.process, service.stopSteps);
        log(`${service.name}: stopped`);
      }
    }
    this.state = { ...this.state, services: {} };
    this.publish();
    if (this.lock.isHeld()) this.lock.release();
  }

  private set(name: ServiceName, service: ServiceState) {
    this.state = { ...this.state, services: { ...this.state.services, [name]: service } };
    this.publish();
  }

  private publish() {
    if (this.lock.isHeld()) writeState(this.dataDir, this.state);
  }
}

function log(line: string) {
  console.log(`${new Date().toISOString()} keeper ${process.pid}: ${line}`);
}

async function main(dataDir: string) {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => (asked.stop = true));
  }
  // A stop of the whole system must not wait for possible new users.
  process.on('SIGUSR2', () => (asked.stopWhenUnused = true));
  makeFolders(dataDir);
  const lock = claimLock(infraFolder(dataDir), ownIdentity());
  if (lock === undefined) return;
  await new Keeper(dataDir, lock).run();
}

await main(process.argv[2]!);
