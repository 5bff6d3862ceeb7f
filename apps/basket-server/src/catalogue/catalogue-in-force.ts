import type { Runtime, Timer } from '@aisle/std';
import { Catalogue } from './catalogue.ts';
import type { CatalogueRepository } from './catalogue.repository.ts';

export interface CatalogueInForceOptions {
  readonly repository: Pick<CatalogueRepository, 'changesAfter'>;
  readonly runtime: Runtime;
  /** From the end of one look to the next. */
  readonly everyMs?: number;
  readonly onFailed: (error: unknown) => void;
}

const EVERY_MS = 500;

/**
 * The catalogue by which this server prices. It is swapped between two turns: a command keeps the one that it began
 * with. Only what is newer is read, whoever wrote it; when that fails, what is in force stays, and the next look tries
 * again.
 */
export class CatalogueInForce {
  private current = Catalogue.empty;
  private revision = 0;
  private timer: Timer | undefined;
  private last: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: CatalogueInForceOptions) {}

  get catalogue(): Catalogue {
    return this.current;
  }

  /** Reads all there is, and from now on follows it. */
  async start(): Promise<void> {
    await this.read();
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    await this.last;
  }

  /** Brings this server up to date, at once; others follow within their poll. Does nothing any more once it is stopped. */
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
