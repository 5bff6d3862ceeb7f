import type { Runtime, Timer } from '@aisle/std';
import { DEFAULT_LEASE, type LeaseTimes } from './node-lease.ts';
import type { NodeLeaseRepository } from './node-lease.repository.ts';

/** A node that takes commands. */
export interface Member {
  readonly incarnation: string;
  readonly queue: string;
}

export interface MembershipOptions {
  readonly leases: Pick<NodeLeaseRepository, 'all'>;
  readonly runtime: Runtime;
  readonly times?: LeaseTimes;
  readonly onChange?: (members: readonly Member[]) => void;
  readonly onReadFailed?: (error: unknown) => void;
}

interface Sighting {
  readonly member: Member;
  beat: string;
  /** When the beat was last seen to move, on this process's own monotonic clock. */
  movedAtMs: number;
}

/**
 * Who is alive, as this process sees it. A node is held dead when its beat stood still for lease +
 * margin across successful reads at most a third of the lease apart; a failed or late read proves
 * nothing, and starts that wait again. No wall clock is compared with another.
 */
export class Membership {
  private readonly sightings = new Map<string, Sighting>();
  private alive: readonly Member[] = [];
  private readAtMs = -Infinity;
  private reader: Timer | undefined;
  private reading: Promise<void> | undefined;

  constructor(private readonly options: MembershipOptions) {}

  /** The nodes that are held alive, in the order of their incarnations. */
  get members(): readonly Member[] {
    return this.alive;
  }

  /** Reads once, then keeps reading. */
  async start(): Promise<void> {
    const { runtime, times = DEFAULT_LEASE } = this.options;
    await this.read(true);
    this.reader = runtime.timers.every(times.leaseMs / 6, () => void this.readOnce(), {
      background: true,
    });
  }

  async stop(): Promise<void> {
    this.reader?.cancel();
    await this.reading;
  }

  private readOnce(): Promise<void> {
    this.reading ??= this.read(false)
      .catch((error: unknown) => this.options.onReadFailed?.(error))
      .finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(first: boolean): Promise<void> {
    const { leases, runtime, times = DEFAULT_LEASE } = this.options;
    const rows = await leases.all();
    const nowMs = runtime.clock.monotonicMs();
    const late = nowMs - this.readAtMs > times.leaseMs / 3;
    this.readAtMs = nowMs;

    const present = new Set(rows.map(({ incarnation }) => incarnation));
    for (const incarnation of this.sightings.keys()) {
      if (!present.has(incarnation)) this.sightings.delete(incarnation);
    }
    for (const { incarnation, queue, beat } of rows) {
      const known = this.sightings.get(incarnation);
      if (!known) {
        // A row that was there before we looked may be of the dead: it counts once it moves.
        const movedAtMs = first ? -Infinity : nowMs;
        this.sightings.set(incarnation, { member: { incarnation, queue }, beat, movedAtMs });
      } else if (known.beat !== beat || (late && known.movedAtMs !== -Infinity)) {
        known.beat = beat;
        known.movedAtMs = nowMs;
      }
    }
    this.publish(nowMs - times.leaseMs - times.marginMs);
  }

  private publish(movedSinceMs: number): void {
    const alive = [...this.sightings.values()]
      .filter(({ movedAtMs }) => movedAtMs >= movedSinceMs)
      .map(({ member }) => member);
    const changed =
      alive.length !== this.alive.length ||
      alive.some(({ incarnation }, index) => incarnation !== this.alive[index]?.incarnation);
    if (!changed) return;
    this.alive = alive;
    this.options.onChange?.(alive);
  }
}
