import type { NameClaim, NameRow, NameStorage } from '../group/name-storage.ts';
import type { NodeEntry, NodeRow } from '../membership/node-storage.ts';
import type { NodesView } from '../membership/watch.ts';

/** A storage of names in memory: one for all processes of a test. Each call takes effect at one instant. */
export class MemoryNames implements NameStorage {
  private readonly nodes = new Map<string, NodeRow>();
  private readonly names = new Map<string, NameRow>();
  private beats = 0;

  async beat(node: NodeEntry): Promise<void> {
    this.beats += 1;
    this.nodes.set(node.incarnation, { ...node, beat: String(this.beats) });
  }

  async remove(incarnation: string): Promise<void> {
    this.nodes.delete(incarnation);
  }

  async view(): Promise<NodesView> {
    return { nodes: [...this.nodes.values()].sort(by(({ incarnation }) => incarnation)) };
  }

  async claim(claim: NameClaim, seen?: NameRow): Promise<NameRow> {
    const held = this.names.get(claim.key);
    const isAsSeen = held?.claim === seen?.claim && held?.version === seen?.version;
    if (held && !isAsSeen) return held;
    const row = { ...claim, value: asJson(claim.value), version: 0 };
    this.names.set(row.key, row);
    return row;
  }

  async renew(claims: readonly string[]): Promise<readonly string[]> {
    return this.change(claims, (row) => ({ ...row, version: row.version + 1 })).map(({ claim }) => claim);
  }

  async release(claims: readonly string[]): Promise<void> {
    for (const { key, claim } of this.names.values()) if (claims.includes(claim)) this.names.delete(key);
  }

  async setValue(claim: string, value: unknown): Promise<boolean> {
    return this.change([claim], (row) => ({ ...row, value: asJson(value) })).length === 1;
  }

  async find(key: string): Promise<NameRow | undefined> {
    return this.names.get(key);
  }

  async list(incarnation?: string): Promise<readonly NameRow[]> {
    return [...this.names.values()]
      .filter((row) => incarnation === undefined || row.incarnation === incarnation)
      .sort(by(({ key }) => key));
  }

  async bury({ incarnation, beat }: NodeRow): Promise<void> {
    if (this.nodes.get(incarnation)?.beat !== beat) return;
    this.nodes.delete(incarnation);
    for (const row of this.names.values()) if (row.incarnation === incarnation) this.names.delete(row.key);
  }

  private change(claims: readonly string[], change: (row: NameRow) => NameRow): NameRow[] {
    const changed = [...this.names.values()].filter(({ claim }) => claims.includes(claim)).map(change);
    for (const row of changed) this.names.set(row.key, row);
    return changed;
  }
}

function by<T>(name: (row: T) => string): (one: T, other: T) => number {
  return (one, other) => (name(one) < name(other) ? -1 : 1);
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
