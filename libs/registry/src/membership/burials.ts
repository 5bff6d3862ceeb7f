import type { Runtime } from '@aisle/std';
import type { LeaseTimes } from './lease-times.ts';
import type { NodeRow } from './node-storage.ts';

/** The parts that `Burials` uses. */
export interface BurialsOptions {
  /** Deletes a node's row, unless its beat has moved since it was read. */
  readonly storage: { bury(node: NodeRow): Promise<void> };
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly times: LeaseTimes;
  readonly onFailed: (error: unknown) => void;
}

/**
 * The wait before a dead node's row is deleted, in leases: by then all others consider it dead. If it wakes, its renewal
 * inserts the row again.
 */
const BURY_LEASES = 20;

/** Deletes the rows of nodes that have been dead for long, so that rows do not accumulate. */
export class Burials {
  private deadSinceMs = new Map<string, number>();

  constructor(private readonly options: BurialsOptions) {}

  /** Takes the nodes that are dead at present, and deletes those that have been dead for long. */
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
