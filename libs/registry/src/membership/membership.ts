import type { LeaseTimes } from './lease-times.ts';
import type { NodeRow } from './node-storage.ts';

/** When a reading of the nodes was asked for, and when it was answered, by one monotonic clock. */
export interface ReadingTimes {
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

interface Sighting {
  row: NodeRow;
  /** When the beat was last seen to move, on this process's own monotonic clock. */
  movedAtMs: number;
  standing: 'unproven' | 'alive' | 'dead';
}

/**
 * Who is alive, as this process sees it. A node is held dead when its beat stood still for lease +
 * margin across successful readings at most a third of the lease apart; a failed or late reading proves
 * nothing, and starts that wait again. No wall clock is compared with another. A row that was there
 * before we looked may be of the dead: until it moves, or has stood still, it is neither.
 */
export class Membership {
  private readonly sightings = new Map<string, Sighting>();
  private answeredAtMs: number | undefined;

  constructor(private readonly times: LeaseTimes) {}

  /** Takes in a successful reading. */
  observe(nodes: readonly NodeRow[], { askedAtMs, answeredAtMs }: ReadingTimes): void {
    const { leaseMs, marginMs } = this.times;
    const isFirst = this.answeredAtMs === undefined;
    const isLate = answeredAtMs - (this.answeredAtMs ?? answeredAtMs) > leaseMs / 3;
    this.answeredAtMs = answeredAtMs;

    const present = new Set(nodes.map(({ incarnation }) => incarnation));
    for (const incarnation of this.sightings.keys()) {
      if (!present.has(incarnation)) this.sightings.delete(incarnation);
    }
    for (const row of nodes) {
      const known = this.sightings.get(row.incarnation);
      if (!known) {
        const standing = isFirst ? 'unproven' : 'alive';
        this.sightings.set(row.incarnation, { row, movedAtMs: answeredAtMs, standing });
        continue;
      }
      const moved = known.row.beat !== row.beat;
      known.row = row;
      if (moved) known.standing = 'alive';
      if (moved || isLate) known.movedAtMs = answeredAtMs;
      // What was read stood still when it was asked for, and not a moment longer for certain.
      else if (askedAtMs - known.movedAtMs >= leaseMs + marginMs) known.standing = 'dead';
    }
  }

  /** The nodes that are held alive, in the order of their incarnations. */
  get alive(): readonly NodeRow[] {
    return this.standing('alive');
  }

  /** The nodes that may be alive: all but those that are held dead. */
  get notDead(): readonly NodeRow[] {
    return [...this.standing('alive'), ...this.standing('unproven')];
  }

  /** The nodes that are held dead, and whose rows are still there. */
  get dead(): readonly NodeRow[] {
    return this.standing('dead');
  }

  /** Some node has been silent for a lease: whether it is dead will show soon. */
  get hasSuspects(): boolean {
    const silentSinceMs = (this.answeredAtMs ?? 0) - this.times.leaseMs;
    return [...this.sightings.values()].some(
      ({ standing, movedAtMs }) => standing === 'alive' && movedAtMs <= silentSinceMs,
    );
  }

  /** The node's entry, whether it is alive or not. */
  find(incarnation: string): NodeRow | undefined {
    return this.sightings.get(incarnation)?.row;
  }

  isAlive(incarnation: string): boolean {
    return this.sightings.get(incarnation)?.standing === 'alive';
  }

  /**
   * Certain that it answers no reads any more: it left, or it was silent for so long that it knows itself
   * that its lease is over. A node that is not alive is not therefore dead.
   */
  isDead(incarnation: string): boolean {
    if (this.answeredAtMs === undefined) return false;
    const sighting = this.sightings.get(incarnation);
    return !sighting || sighting.standing === 'dead';
  }

  private standing(wanted: Sighting['standing']): readonly NodeRow[] {
    return [...this.sightings.values()].filter(({ standing }) => standing === wanted).map(({ row }) => row);
  }
}
