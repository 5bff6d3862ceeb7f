import { settleInHalves, type Runtime } from '@aisle/std';

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
}

/** What is done together, and how much of it at most. */
export interface GroupedOptions<T, R> {
  readonly runtime: Runtime;
  /** Does it for all, and answers in their order; or for none of them, and throws. */
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
  /** A failure that one item cannot be the cause of; after any other, the group is tried in halves. */
  readonly concernsAll: (failure: unknown) => boolean;
  readonly itemsMax?: number;
}

/**
 * Does for many at once what would cost much for each: whatever comes in while one group is under way is the next
 * group. A single item waits for nobody. How many may wait is bounded by who lets them in: the inbox.
 */
export class Grouped<T, R> {
  private waiting: Waiting<T, R>[] = [];
  private isBusy = false;
  private readonly itemsMax: number;

  constructor(private readonly options: GroupedOptions<T, R>) {
    this.itemsMax = options.itemsMax ?? 512;
  }

  /** Resolves with the item's own result. */
  run(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.isBusy) return;
      this.isBusy = true;
      // What came in the same frame comes along.
      this.options.runtime.defer(() => void this.work());
    });
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) await this.runGroup(this.waiting.splice(0, this.itemsMax));
    this.isBusy = false;
  }

  private async runGroup(group: readonly Waiting<T, R>[]): Promise<void> {
    const { run, concernsAll } = this.options;
    const settled = await settleInHalves(group.map(({ item }) => item), run, concernsAll);
    settled.forEach((one, index) => {
      const { resolve, reject } = group[index] as Waiting<T, R>;
      if (one.status === 'fulfilled') resolve(one.value);
      else reject(one.reason);
    });
  }
}
