import { assert } from '@aisle/std';
import { StrategyChanged } from './failures.ts';
import { versionsInForce } from './strategy-record.ts';
import type { AuditEntry, ScriptRecord, StrategyRecord, VersionRecord } from './strategy-record.ts';

/** Every strategy there is, and the revision, which grows with each change of any. */
export interface StoredStrategies {
  readonly revision: number;
  /** At least the versions that are in force, or were. */
  readonly strategies: readonly StrategyRecord<ScriptRecord>[];
}

/** Versions by name. */
export type WantedVersions = readonly string[] | 'all';

/** Where strategies are kept: PostgreSQL in production, a folder in development, memory in tests. */
export interface StrategyStore {
  read(): Promise<StoredStrategies>;
  /**
   * Of its versions those that are in force, or were, and those that are wanted: there may be thousands, and a
   * change concerns one. Undefined when there is no strategy of that name.
   */
  find(name: string, wanted?: WantedVersions): Promise<StrategyRecord | undefined>;
  /** One version with its bytes; undefined when there is none. */
  script(name: string, version: string): Promise<ScriptRecord | undefined>;
  /**
   * Keeps the record and the entry together, with the bytes of versions that it did not have before, and returns
   * the record under its new revision. Versions that it does not mention stay as they are. Throws
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

/** The record as it is kept whole: what it says of versions that are known, and those that are added. */
export function withAllVersions(
  record: StrategyRecord, known: readonly ScriptRecord[], added: readonly ScriptRecord[],
): StrategyRecord<ScriptRecord> {
  const said = new Map(record.versions.map((each) => [each.version, each]));
  const versions = [...known, ...added].map((script) => ({ ...script, ...said.get(script.version) }));
  assert([...said.keys()].every((each) => versions.some(({ version }) => version === each)), 'a version is saved with its bytes');
  return { ...record, versions };
}

/** The record as `find` gives it, of one that is kept whole. */
export function withWanted(record: StrategyRecord<ScriptRecord>, wanted: WantedVersions): StrategyRecord {
  const names = new Set([...versionsInForce(record), ...wanted]);
  const versions = wanted === 'all' ? record.versions : record.versions.filter(({ version }) => names.has(version));
  return { ...record, versions: versions.map(versionWithoutBytes) };
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

  async find(name: string, wanted: WantedVersions = []): Promise<StrategyRecord | undefined> {
    const record = this.records.get(name);
    return record && withWanted(record, wanted);
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
    this.records.set(record.name, withAllVersions(saved, known?.versions ?? [], added));
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
