import { isAlive } from '../process/identity.ts';
import type { InfraState, ServiceName } from '../infra/state.ts';
import type { Terminal } from './terminal.ts';

const SERVER_NAMES: Readonly<Record<ServiceName, string>> = { redis: 'Redis', postgres: 'PostgreSQL', kafka: 'Kafka' };

interface Seen {
  readonly pid: number;
  readonly url: string;
  /** The time at which it was first found missing. */
  readonly goneMs?: number;
  /** The reason why it does not come back, as reported. */
  readonly failure?: string;
}

/** Reports when a server of the system dies, and when it is back. */
export class ServersWatch {
  private readonly seen = new Map<ServiceName, Seen>();

  constructor(private readonly terminal: Pick<Terminal, 'line' | 'paint'>) {}

  /** Compares the keeper's state with the previous one. */
  look({ services }: Pick<InfraState, 'services'>, nowMs: number) {
    for (const name of Object.keys(services) as ServiceName[]) {
      const now = services[name];
      const before = this.seen.get(name);
      if (now?.status === 'up') this.lookAtOne(name, { pid: now.process.pid, url: now.url }, isAlive(now.process), nowMs);
      else if (before) this.gone(name, before, now?.status === 'failed' ? now.message : undefined, nowMs);
    }
  }

  private lookAtOne(name: ServiceName, now: Pick<Seen, 'pid' | 'url'>, lives: boolean, nowMs: number) {
    const before = this.seen.get(name);
    if (before === undefined) return void (lives && this.seen.set(name, now));
    if (before.pid === now.pid) return lives ? undefined : this.gone(name, before, undefined, nowMs);
    this.gone(name, before, undefined, nowMs);
    if (!lives) return;
    const { goneMs = nowMs } = this.seen.get(name)!;
    this.seen.set(name, now);
    this.tell('green', '✓', `${SERVER_NAMES[name]} is back (pid ${now.pid}) after ${((nowMs - goneMs) / 1000).toFixed(1)} s`);
    if (before.url !== now.url) {
      this.tell('red', '✗', `${SERVER_NAMES[name]} has another port than before, since somebody else took it: stop everything by Ctrl-C, and start again`);
    }
  }

  private gone(name: ServiceName, before: Seen, failure: string | undefined, nowMs: number) {
    const server = SERVER_NAMES[name];
    if (before.goneMs === undefined) this.tell('red', '✗', `${server} (pid ${before.pid}) has ended; it is being started again`);
    if (failure !== undefined && before.failure !== failure) {
      this.tell('red', '✗', `${server} does not start: ${failure.split('\n')[0]}; it is tried again every second`);
    }
    const reported = failure ?? before.failure;
    this.seen.set(name, { ...before, goneMs: before.goneMs ?? nowMs, ...(reported === undefined ? {} : { failure: reported }) });
  }

  private tell(colour: 'red' | 'green', mark: string, text: string) {
    this.terminal.line(`${this.terminal.paint(colour, mark)} ${text}`);
  }
}
