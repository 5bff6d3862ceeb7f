import type { JournalStorage } from '@aisle/journal';
import type { NodeEntry, NodeRow } from '@aisle/registry/membership';
import type { ClusterStorage, ClusterView, Placement } from '../storage/cluster-storage.ts';

/** The cluster tables in memory, for simulations: one per world. Each call takes effect at one instant. */
export class MemoryCluster implements ClusterStorage {
  /** In the order of their incarnations; never changed in place. */
  private rows: readonly NodeRow[] = [];
  private placement: Placement = { version: 0, targets: [] };
  private beats = 0;
  private readonly numbers: readonly number[];

  constructor(
    private readonly journal: Pick<JournalStorage, 'owners'>,
    shards: number,
  ) {
    this.numbers = Array.from({ length: shards }, (_, shard) => shard);
  }

  async beat(node: NodeEntry): Promise<void> {
    const known = this.rows.find(({ incarnation }) => incarnation === node.incarnation);
    const row = { ...node, beat: String((this.beats += 1)) };
    if (known) this.rows = this.rows.map((other) => (other === known ? row : other));
    else this.rows = [...this.rows, row].sort((one, other) => (one.incarnation < other.incarnation ? -1 : 1));
  }

  async remove(incarnation: string): Promise<void> {
    this.rows = this.rows.filter((row) => row.incarnation !== incarnation);
  }

  async bury({ incarnation, beat }: NodeRow): Promise<void> {
    this.rows = this.rows.filter((row) => row.incarnation !== incarnation || row.beat !== beat);
  }

  async view(): Promise<ClusterView> {
    // Epochs are read first: a beat may be younger than the epochs, but no epoch younger than a beat.
    const owners = await this.journal.owners(this.numbers);
    return { nodes: this.rows, owners, placement: this.placement };
  }

  async place(seenVersion: number, targets: readonly (string | null)[]): Promise<boolean> {
    if (this.placement.version !== seenVersion) return false;
    this.placement = { version: seenVersion + 1, targets: [...targets] };
    return true;
  }
}
