import type { Runtime, Timer } from '@aisle/std';
import { Catalogue } from './catalogue.ts';
import type { CatalogueRepository } from './catalogue.repository.ts';

export interface CatalogueFollowerOptions {
  readonly repository: Pick<CatalogueRepository, 'changesAfter'>;
  readonly runtime: Runtime;
  /** The pause between two reads, in milliseconds; 500 by default. */
  readonly everyMs?: number;
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MS = 500;

/**
 * Follows the catalogue by which this server prices. A new catalogue is a new value, and a command keeps the one that it
 * began with. Each read fetches the rows that are newer, from any writer. After a failed read the present catalogue stays,
 * and the next read tries again.
 */
export class CatalogueFollower {
  private current = Catalogue.empty;
  private revision = 0;
  private timer: Timer | undefined;
  private last: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: CatalogueFollowerOptions) {}

  get catalogue(): Catalogue {
    return this.current;
  }

  /** Reads the whole catalogue, and then follows its changes. Throws if the first read fails. */
  async start(): Promise<void> {
    await this.read();
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.last;
  }

  /** Reads changes now; other servers follow within their pause. Does nothing after `stop`. */
  refresh(): Promise<void> {
    if (this.stopped) return this.last;
    this.last = this.last.then(() => this.read()).catch(this.options.onFailed);
    return this.last;
  }

  private schedule(): void {
    if (this.stopped) return;
    const { runtime, everyMs = EVERY_MS } = this.options;
    const look = (): void => void this.refresh().then(() => this.schedule());
    this.timer = runtime.timers.after(everyMs, look, { background: true });
  }

  private async read(): Promise<void> {
    const changes = await this.options.repository.changesAfter(this.revision);
    if (changes.length === 0) return;
    this.current = this.current.with(changes);
    for (const { revision } of changes) this.revision = Math.max(this.revision, revision);
  }
}
