import type { Runtime, Timer } from './runtime.ts';

/** When passes are made. */
export interface PassesOptions {
  readonly runtime: Runtime;
  /** Milliseconds from the end of one pass to the next. */
  readonly everyMs: number;
  /** A pass failed; the next one tries again. */
  readonly onFailed: (error: unknown) => void;
}

/** Work that is done again and again in the background, by one pass at a time. */
export abstract class Passes {
  /** A long pass ends early once this is true. */
  protected isStopped = false;
  private timer: Timer | undefined;
  private passing: Promise<void> | undefined;

  constructor(private readonly passesOptions: PassesOptions) {}

  /** Begins the first pass after `everyMs`, and each next one as long after the one before has ended. */
  start(): void {
    if (this.isStopped) return;
    const { runtime, everyMs } = this.passesOptions;
    this.timer = runtime.timers.after(everyMs, () => void this.pass().then(() => this.start()), { background: true });
  }

  /** Begins no other pass; resolves when the one that is under way has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.timer?.cancel();
    await this.passing;
  }

  /** Makes a pass now, or joins the one that is under way. Never rejects. */
  pass(): Promise<void> {
    this.passing ??= this.run()
      .catch(this.passesOptions.onFailed)
      .finally(() => (this.passing = undefined));
    return this.passing;
  }

  protected abstract run(): Promise<void>;
}
