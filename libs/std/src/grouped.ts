import type { Runtime } from './runtime.ts';
import { settleInHalves } from './settle-in-halves.ts';

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
}

/** The function that runs a group, and the limits of a group. */
export interface GroupedOptions<T, R> {
  readonly runtime: Pick<Runtime, 'defer'>;
  /** Either runs all items and answers in their order, or runs none of them and throws. */
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
  /**
   * True for a failure that no single item can have caused. After any other failure the group is run again in halves.
   */
  readonly concernsAll: (failure: unknown) => boolean;
  /** Items in a group; 512 unless given. */
  readonly itemsMax?: number;
  /** Size of an item, in a unit of the caller's choice; 0 unless given. */
  readonly sizeOf?: (item: T) => number;
  /** Total size of a group. A single item may be larger. */
  readonly sizeMax?: number;
}

/**
 * Group commit without a timer: items that arrive while a group is running form the next group, in order of arrival.
 * The caller bounds the number of waiting items: see `waiting` and `waitingSize`.
 */
export class Grouped<T, R> {
  private queue: Waiting<T, R>[] = [];
  private queueSize = 0;
  private isBusy = false;

  constructor(private readonly options: GroupedOptions<T, R>) {}

  /** Items that are not in a group yet. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Their total size. */
  get waitingSize(): number {
    return this.queueSize;
  }

  /** Resolves with the item's own result. */
  run(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.queue.push({ item, resolve, reject });
      this.queueSize += this.sizeOf(item);
      if (this.isBusy) return;
      this.isBusy = true;
      // Start at the end of the turn, so that the items of one frame share a group.
      this.options.runtime.defer(() => void this.work());
    });
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0) await this.runGroup(this.nextGroup());
    this.isBusy = false;
  }

  private nextGroup(): Waiting<T, R>[] {
    const { itemsMax = 512, sizeMax = Infinity } = this.options;
    let count = 0;
    let size = 0;
    for (const { item } of this.queue.slice(0, itemsMax)) {
      const itemSize = this.sizeOf(item);
      if (count > 0 && size + itemSize > sizeMax) break;
      size += itemSize;
      count += 1;
    }
    this.queueSize -= size;
    return this.queue.splice(0, count);
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

  private sizeOf(item: T): number {
    return this.options.sizeOf?.(item) ?? 0;
  }
}
