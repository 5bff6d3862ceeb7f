/** Counts unsettled work against a bound. */
export class InFlight {
  private count = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly max: number) {}

  /** The amount of work that may begin now. */
  get room(): number {
    return this.max - this.count;
  }

  /** Counts `work` until it settles, and nothing if it has settled already. A rejection stays unhandled. */
  track(work: void | Promise<void>, weight = 1): void {
    if (!work) return;
    this.count += weight;
    void work.then(() => {
      this.count -= weight;
      if (this.waiting.length > 0) for (const wake of this.waiting.splice(0)) wake();
    });
  }

  async hasRoom(): Promise<void> {
    while (this.room <= 0) await this.change();
  }

  async isIdle(): Promise<void> {
    while (this.count > 0) await this.change();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => void this.waiting.push(resolve));
  }
}
