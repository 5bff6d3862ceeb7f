import { Journal, type Lease } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { DEFAULT_LEASE, NodeLease, Watch, type WatchOptions } from '@aisle/registry/membership';
import { VirtualRuntime } from '@aisle/std/testing';
import type { ClusterStorage, ClusterView } from '../storage/cluster-storage.ts';
import { MemoryCluster } from './memory-cluster.ts';

/** After so long a silent node is certainly dead, and everybody has seen it. */
export const CERTAIN_MS = DEFAULT_LEASE.leaseMs + DEFAULT_LEASE.marginMs + DEFAULT_LEASE.leaseMs / 3;
/** Long enough for everybody to look. */
export const LOOK_MS = DEFAULT_LEASE.leaseMs / 10 + 1;

/** A node that does nothing but live, until it leaves or is silenced. */
export interface GroupNode {
  readonly lease: NodeLease;
  /** It renews nothing from here on, as if it had been killed. */
  readonly die: () => void;
}

/** A shard group on virtual time, of which a spec makes the one part that it is about. */
export class Group {
  readonly runtime: VirtualRuntime = new VirtualRuntime();
  readonly memory: MemoryJournal = new MemoryJournal(this.runtime);
  readonly tables: MemoryCluster;

  constructor(shards: number) {
    this.tables = new MemoryCluster(this.memory.storage('the tables'), shards);
  }

  /** Enters a node, whose queue is `queue-` and its incarnation. */
  async node(incarnation: string): Promise<GroupNode> {
    let isWell = true;
    const lease = new NodeLease({
      storage: this.tables, runtime: this.runtime, times: DEFAULT_LEASE, incarnation, queue: `queue-${incarnation}`,
      isWell: () => isWell, onLate: () => undefined, onMissed: () => undefined,
    });
    await lease.join();
    return { lease, die: () => (isWell = false) };
  }

  /** Looks at the group, now and ever again. */
  async watch(onView: WatchOptions<ClusterView>['onView'], storage: Pick<ClusterStorage, 'view'> = this.tables): Promise<Watch<ClusterView>> {
    const watch = new Watch({
      storage, runtime: this.runtime, times: DEFAULT_LEASE, onView, onReadFailed: () => undefined,
    });
    await watch.start();
    return watch;
  }

  /** A node's way to the journal. */
  journal(incarnation: string): Journal {
    return new Journal({ storage: this.memory.storage(incarnation), runtime: this.runtime });
  }

  /** Makes the node the owner of a shard, whoever was it before. */
  async own(shard: number, incarnation: string): Promise<Lease> {
    return (await this.journal(incarnation).claim(shard, this.memory.owner(shard).epoch)) as Lease;
  }

  /** Decides who ought to own which shard, and lets everybody see it. */
  async place(...targets: (string | null)[]): Promise<void> {
    const { version } = (await this.tables.view()).placement;
    await this.tables.place(version, targets);
    await this.runtime.advance(LOOK_MS);
  }
}
