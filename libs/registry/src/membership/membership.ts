import type { LeaseTimes } from './lease-times.ts';
import type { NodeRow } from './node-storage.ts';

/** The instants of the request and the answer of a reading, on one monotonic clock. */
export interface ReadingTimes {
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

interface Sighting {
  row: NodeRow;
  /** The time of the last observed change of the beat, on this process's monotonic clock. */
  movedAtMs: number;
  standing: 'unproven' | 'alive' | 'dead';
}

/**
 * The nodes that this process considers alive or dead. A node is dead when its beat has not changed for lease + margin,
 * across successful readings at most a third of the lease apart. A failed or late reading proves nothing, and restarts that
 * wait. Wall clocks of different processes are never compared. A row of the first reading may belong to a dead node. So
 * it is neither alive nor dead until its beat changes or the wait is over.
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
      // The beat is known to be unchanged until the request of the reading, and not until its answer.
      else if (askedAtMs - known.movedAtMs >= leaseMs + marginMs) known.standing = 'dead';
    }
  }

  /** The nodes that are considered alive, in the order of their incarnations. */
  get alive(): readonly NodeRow[] {
    return this.standing('alive');
  }

  /** The nodes that may be alive: all except dead ones. */
  get notDead(): readonly NodeRow[] {
    return [...this.standing('alive'), ...this.standing('unproven')];
  }

  /** The dead nodes whose rows still exist. */
  get dead(): readonly NodeRow[] {
    return this.standing('dead');
  }

  /** Whether some node has been silent for a lease, so that frequent readings are worthwhile. */
  get hasSuspects(): boolean {
    const silentSinceMs = (this.answeredAtMs ?? 0) - this.times.leaseMs;
    return [...this.sightings.values()].some(
      ({ standing, movedAtMs }) => standing === 'alive' && movedAtMs <= silentSinceMs,
    );
  }

  /** The node's row, alive or dead; undefined if it has none. */
  find(incarnation: string): NodeRow | undefined {
    return this.sightings.get(incarnation)?.row;
  }

  /** Whether the node is considered alive. */
  isAlive(incarnation: string): boolean {
    return this.sightings.get(incarnation)?.standing === 'alive';
  }

  /**
   * Whether the node certainly answers no reads any more: it left, or its own clock has shown it that its lease is over. A
   * node may be neither alive nor dead.
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
