import type { Runtime } from '@aisle/std';
import { Burials } from '../membership/burials.ts';
import type { LeaseTimes } from '../membership/lease-times.ts';
import type { Membership } from '../membership/membership.ts';
import { NodeLease } from '../membership/node-lease.ts';
import { Watch, type NodesView } from '../membership/watch.ts';
import type { NameStorage } from './name-storage.ts';

/** A member's identity, and the callbacks for its observations. */
export interface GroupMemberOptions {
  readonly storage: Pick<NameStorage, 'beat' | 'remove' | 'view' | 'bury'>;
  readonly runtime: Runtime;
  readonly times: LeaseTimes;
  readonly incarnation: string;
  readonly queue: string;
  /** As in `NodeLease`; joining counts as the first late renewal. */
  readonly onLate: () => void;
  readonly onLook: () => void;
  readonly onFailed: (kind: 'lease missed' | 'view not read' | 'names not settled', error: unknown) => void;
}

interface Onlooker {
  readonly sinceMs: number;
  readonly seen: () => void;
  readonly failed: (error: unknown) => void;
}

/** A member of a group: it has its own lease, and knows which other members are certainly dead. */
export class GroupMember {
  private readonly lease: NodeLease;
  private readonly watch: Watch<NodesView>;
  private members: Membership | undefined;
  private onlookers: Onlooker[] = [];

  constructor(private readonly options: GroupMemberOptions) {
    const { storage, runtime, times, incarnation, queue, onLate, onLook, onFailed } = options;
    this.lease = new NodeLease({
      storage, runtime, times, incarnation, queue, onLate,
      isWell: () => true,
      onMissed: (error) => onFailed('lease missed', error),
    });
    const burials = new Burials({
      storage, runtime, times, onFailed: (error) => onFailed('names not settled', error),
    });
    this.watch = new Watch<NodesView>({
      storage, runtime, times,
      onView: (_view, members, askedAtMs) => {
        this.members = members;
        this.tellOnlookers(askedAtMs);
        burials.look(members.dead);
        onLook();
      },
      onReadFailed: (error) => {
        onFailed('view not read', error);
        for (const { failed } of this.onlookers.splice(0)) failed(error);
      },
    });
  }

  /** Whether this process's lease holds, by its own clock. */
  get holds(): boolean {
    return this.lease.holds;
  }

  /** Enters the group. Throws the failures of the storage. */
  async join(): Promise<void> {
    await this.watch.start();
    await this.lease.join();
  }

  /** Leaves the group. No `isGone` may be called or pending. */
  async leave(): Promise<void> {
    await this.watch.stop();
    await this.lease.leave();
  }

  /**
   * Whether a process has certainly lost everything that it held at the time of this call. Rejects if the next view cannot be
   * read.
   */
  async isGone(incarnation: string): Promise<boolean> {
    if (incarnation === this.options.incarnation || !this.members?.isDead(incarnation)) return false;
    // The last view may be older than this call, and the process may have joined or returned in between.
    await new Promise<void>((seen, failed) => {
      this.onlookers.push({ sinceMs: this.nowMs, seen, failed });
      this.watch.soon();
    });
    return this.members.isDead(incarnation);
  }

  private tellOnlookers(askedAtMs: number): void {
    const waiting = this.onlookers;
    this.onlookers = waiting.filter(({ sinceMs }) => sinceMs >= askedAtMs);
    for (const { sinceMs, seen } of waiting) if (sinceMs < askedAtMs) seen();
    if (this.onlookers.length > 0) this.watch.soon();
  }

  private get nowMs(): number {
    return this.options.runtime.clock.monotonicMs();
  }
}
