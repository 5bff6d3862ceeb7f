import type { Runtime } from '@aisle/std';
import type { LeaseTimes } from './lease-times.ts';
import type { NodeRow } from './node-storage.ts';

/** Where dead nodes are taken out. */
export interface BurialsOptions {
  /** Takes a node out, unless its beat has moved since it was seen like this. */
  readonly storage: { bury(node: NodeRow): Promise<void> };
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly times: LeaseTimes;
  readonly onFailed: (error: unknown) => void;
}

/** Long after all others have found a node dead too. Should it wake after all, its renewal enters it again. */
const BURY_LEASES = 20;

/** Takes out the rows of nodes that have been dead for long, so that they don't gather. */
export class Burials {
  private deadSinceMs = new Map<string, number>();

  constructor(private readonly options: BurialsOptions) {}

  look(dead: readonly NodeRow[]): void {
    const { storage, runtime: { clock }, times, onFailed } = this.options;
    const nowMs = clock.monotonicMs();
    const since = new Map<string, number>();
    for (const node of dead) {
      const sinceMs = this.deadSinceMs.get(node.incarnation) ?? nowMs;
      const isDue = nowMs - sinceMs >= BURY_LEASES * times.leaseMs;
      since.set(node.incarnation, isDue ? nowMs : sinceMs);
      if (isDue) storage.bury(node).catch(onFailed);
    }
    this.deadSinceMs = since;
  }
}
