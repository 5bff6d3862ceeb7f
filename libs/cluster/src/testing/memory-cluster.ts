import type { JournalStorage } from '@aisle/journal';
import type { ClusterStorage, NodeEntry, Placement } from '../storage/cluster-storage.ts';

/** The cluster tables' twin in memory, for simulations: one a world. Each call has its effect at one instant. */
export class MemoryCluster implements ClusterStorage {
  private readonly entries = new Map<string, NodeEntry & { beats: number }>();
  private placement: Placement = { version: 0, targets: [] };

  constructor(
    private readonly journal: Pick<JournalStorage, 'owners'>,
    private readonly shards: number,
  ) {}

  async beat(node: NodeEntry): Promise<void> {
    const beats = this.entries.get(node.incarnation)?.beats ?? -1;
    this.entries.set(node.incarnation, { ...node, beats: beats + 1 });
  }

  async remove(incarnation: string): Promise<void> {
    this.entries.delete(incarnation);
  }

  async view(): ReturnType<ClusterStorage['view']> {
    // Epochs first: a beat may be younger than they, and never the other way round.
    const owners = await this.journal.owners(Array.from({ length: this.shards }, (_, shard) => shard));
    const nodes = [...this.entries.values()]
      .map(({ beats, ...node }) => ({ ...node, beat: String(beats) }))
      .sort((one, other) => (one.incarnation < other.incarnation ? -1 : 1));
    return { nodes, owners, placement: this.placement };
  }

  async place(seenVersion: number, targets: readonly (string | null)[]): Promise<boolean> {
    if (this.placement.version !== seenVersion) return false;
    this.placement = { version: seenVersion + 1, targets: [...targets] };
    return true;
  }
}
