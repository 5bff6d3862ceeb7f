import { assert } from '@aisle/std';
import { StrategyChanged } from './failures.ts';
import type { AuditEntry, ScriptRecord, StrategyRecord, VersionRecord } from './strategy-record.ts';

/** Every strategy there is, and the revision, which grows with each change of any. */
export interface StoredStrategies {
  readonly revision: number;
  /** At least the versions that are in force, or were. */
  readonly strategies: readonly StrategyRecord<ScriptRecord>[];
}

/** Where strategies are kept: PostgreSQL in production, a folder in development, memory in tests. */
export interface StrategyStore {
  read(): Promise<StoredStrategies>;
  /** Undefined when there is no strategy of that name. */
  find(name: string): Promise<StrategyRecord | undefined>;
  /** One version with its bytes; undefined when there is none. */
  script(name: string, version: string): Promise<ScriptRecord | undefined>;
  /**
   * Keeps the record and the entry together, with the bytes of versions that it did not have before, and returns the record under its new revision. Throws
   * `strategy.changed` when the strategy is no longer at the record's revision.
   */
  save(record: StrategyRecord, entry: AuditEntry, added?: readonly ScriptRecord[]): Promise<StrategyRecord>;
  /** Keeps an entry that goes with no change. */
  note(entry: AuditEntry): Promise<void>;
  /** Whether the strategy has an entry of that id. */
  knows(name: string, id: string): Promise<boolean>;
  /** What happened to a strategy, latest first. */
  audit(name: string, limit: number): Promise<readonly AuditEntry[]>;
  /** Calls `changed` soon after each change, whoever made it; returns what ends that. */
  watch(changed: () => void): () => void;
}

/** The record with the bytes of each of its versions, which are among `scripts`. */
export function withBytes(record: StrategyRecord, scripts: readonly ScriptRecord[]): StrategyRecord<ScriptRecord> {
  const versions = record.versions.map((each): ScriptRecord => {
    const script = scripts.find(({ version }) => version === each.version);
    assert(script, 'a version is saved with its bytes');
    return { ...each, source: script.source, code: script.code };
  });
  return { ...record, versions };
}

export function withoutBytes(record: StrategyRecord<ScriptRecord>): StrategyRecord {
  return { ...record, versions: record.versions.map(versionWithoutBytes) };
}

export function versionWithoutBytes({ source: _source, code: _code, ...version }: ScriptRecord): VersionRecord {
  return version;
}

/** Keeps strategies as long as the process lives. */
export class MemoryStrategyStore implements StrategyStore {
  private revision = 0;
  private readonly records = new Map<string, StrategyRecord<ScriptRecord>>();
  private readonly entries: AuditEntry[] = [];
  private readonly watchers = new Set<() => void>();

  async read(): Promise<StoredStrategies> {
    return { revision: this.revision, strategies: [...this.records.values()] };
  }

  async find(name: string): Promise<StrategyRecord | undefined> {
    const record = this.records.get(name);
    return record && withoutBytes(record);
  }

  async script(name: string, version: string): Promise<ScriptRecord | undefined> {
    return this.records.get(name)?.versions.find((each) => each.version === version);
  }

  async save(record: StrategyRecord, entry: AuditEntry, added: readonly ScriptRecord[] = []): Promise<StrategyRecord> {
    const known = this.records.get(record.name);
    const revision = known?.revision ?? 0;
    if (revision !== record.revision) throw new StrategyChanged(record.name, revision);
    this.revision += 1;
    const saved = { ...record, revision: this.revision };
    this.records.set(record.name, withBytes(saved, [...(known?.versions ?? []), ...added]));
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
