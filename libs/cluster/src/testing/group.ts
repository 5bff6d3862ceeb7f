import { Journal, type Lease } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { DEFAULT_LEASE, NodeLease, Watch, type WatchOptions } from '@aisle/registry/membership';
import { VirtualRuntime } from '@aisle/std/testing';
import type { ClusterStorage, ClusterView } from '../storage/cluster-storage.ts';
import { MemoryCluster } from './memory-cluster.ts';

/** The time after which all others consider a silent node dead. */
export const CERTAIN_MS = DEFAULT_LEASE.leaseMs + DEFAULT_LEASE.marginMs + DEFAULT_LEASE.leaseMs / 3;
/** The time in which every watch reads at least once. */
export const LOOK_MS = DEFAULT_LEASE.leaseMs / 5 + 1;

/** A node that only renews its lease. */
export interface GroupNode {
  readonly lease: NodeLease;
  /** Stops the renewals, as if the node had been killed. */
  readonly die: () => void;
}

/** A shard group on virtual time. A spec adds the part that it tests. */
export class Group {
  readonly runtime: VirtualRuntime = new VirtualRuntime();
  readonly memory: MemoryJournal = new MemoryJournal(this.runtime);
  readonly tables: MemoryCluster;

  constructor(shards: number) {
    this.tables = new MemoryCluster(this.memory.storage('the tables'), shards);
  }

  /** Adds a node with the queue `queue-<incarnation>`. */
  async node(incarnation: string): Promise<GroupNode> {
    let isWell = true;
    const lease = new NodeLease({
      storage: this.tables, runtime: this.runtime, times: DEFAULT_LEASE, incarnation, queue: `queue-${incarnation}`,
      isWell: () => isWell, onLate: () => undefined, onMissed: () => undefined,
    });
    await lease.join();
    return { lease, die: () => (isWell = false) };
  }

  /** Starts a watch of the group. */
  async watch(onView: WatchOptions<ClusterView>['onView'], storage: Pick<ClusterStorage, 'view'> = this.tables): Promise<Watch<ClusterView>> {
    const watch = new Watch({
      storage, runtime: this.runtime, times: DEFAULT_LEASE, onView, onReadFailed: () => undefined,
    });
    await watch.start();
    return watch;
  }

  /** The journal of a node. */
  journal(incarnation: string): Journal {
    return new Journal({ storage: this.memory.storage(incarnation), runtime: this.runtime });
  }

  /** Makes the node the owner of a shard. */
  async own(shard: number, incarnation: string): Promise<Lease> {
    return (await this.journal(incarnation).claim(shard, this.memory.owner(shard).epoch)) as Lease;
  }

  /** Places the shards on nodes, and waits until every watch has read it. */
  async place(...targets: (string | null)[]): Promise<void> {
    const { version } = (await this.tables.view()).placement;
    await this.tables.place(version, targets);
    await this.runtime.advance(LOOK_MS);
  }
}
