import type { Runtime, Timer } from './runtime.ts';

/** The interval of the passes, and the report of a failed one. */
export interface PassesOptions {
  readonly runtime: Runtime;
  /** Milliseconds between the end of one pass and the start of the next. */
  readonly everyMs: number;
  /** A pass failed; the next one tries again. */
  readonly onFailed: (error: unknown) => void;
}

/** Background work in repeated passes, one pass at a time. */
export abstract class Passes {
  /** True once `stop` was called; a long pass should then end early. */
  protected isStopped = false;
  private timer: Timer | undefined;
  private passing: Promise<void> | undefined;

  constructor(private readonly passesOptions: PassesOptions) {}

  /** Starts the first pass after `everyMs`. Each later pass starts `everyMs` after the end of the one before. */
  start(): void {
    if (this.isStopped) return;
    const { runtime, everyMs } = this.passesOptions;
    this.timer = runtime.timers.after(everyMs, () => void this.pass().then(() => this.start()), { background: true });
  }

  /** Starts no further pass. Resolves when the running pass has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.timer?.cancel();
    await this.passing;
  }

  /** Runs a pass now, or joins the running one. Never rejects. */
  pass(): Promise<void> {
    this.passing ??= this.run()
      .catch(this.passesOptions.onFailed)
      .finally(() => (this.passing = undefined));
    return this.passing;
  }

  protected abstract run(): Promise<void>;
}
