import { StrategyChanged } from './failures.ts';
import type { AuditEntry, StrategyRecord } from './strategy-record.ts';

/** Every strategy there is, and the revision, which grows with each change of any. */
export interface StoredStrategies {
  readonly revision: number;
  readonly strategies: readonly StrategyRecord[];
}

/** Where strategies are kept: PostgreSQL in production, a folder in development, memory in tests. */
export interface StrategyStore {
  read(): Promise<StoredStrategies>;
  /** Undefined when there is no strategy of that name. */
  find(name: string): Promise<StrategyRecord | undefined>;
  /**
   * Keeps the record and the entry together, and returns the record under its new revision. Throws
   * `strategy.changed` when the strategy is no longer at the record's revision.
   */
  save(record: StrategyRecord, entry: AuditEntry): Promise<StrategyRecord>;
  /** Keeps an entry that goes with no change. */
  note(entry: AuditEntry): Promise<void>;
  /** Whether the strategy has an entry of that id. */
  knows(name: string, id: string): Promise<boolean>;
  /** What happened to a strategy, latest first. */
  audit(name: string, limit: number): Promise<readonly AuditEntry[]>;
  /** Calls `changed` soon after each change, whoever made it; returns what ends that. */
  watch(changed: () => void): () => void;
}

/** Keeps strategies as long as the process lives. */
export class MemoryStrategyStore implements StrategyStore {
  private revision = 0;
  private readonly records = new Map<string, StrategyRecord>();
  private readonly entries: AuditEntry[] = [];
  private readonly watchers = new Set<() => void>();

  async read(): Promise<StoredStrategies> {
    return { revision: this.revision, strategies: [...this.records.values()] };
  }

  async find(name: string): Promise<StrategyRecord | undefined> {
    return this.records.get(name);
  }

  async save(record: StrategyRecord, entry: AuditEntry): Promise<StrategyRecord> {
    const revision = this.records.get(record.name)?.revision ?? 0;
    if (revision !== record.revision) throw new StrategyChanged(record.name, revision);
    this.revision += 1;
    const saved = { ...record, revision: this.revision };
    this.records.set(record.name, saved);
    this.entries.push(entry);
    for (const changed of this.watchers) changed();
    return saved;
  }

  async note(entry: AuditEntry): Promise<void> {
    this.entries.push(entry);
  }

  async knows(name: string, id: string): Promise<boolean> {
    return this.entries.some((entry) => entry.name === name && entry.id === id);
  }

  async audit(name: string, limit: number): Promise<readonly AuditEntry[]> {
    return this.entries.filter((entry) => entry.name === name).reverse().slice(0, limit);
  }

  watch(changed: () => void): () => void {
    const watcher = (): void => changed();
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }
}
