import { assert } from '@aisle/std';
import { RevisionUnknown, StrategyChanged, StrategyMissing, VersionUsed } from './failures.ts';
import { versionsInForce, withoutVersion } from './strategy-record.ts';
import type { AuditEntry, StoredVersion, StrategyRecord, VersionRecord } from './strategy-record.ts';

/** Every strategy there is, and the revision, which grows with each change of any. */
export interface StoredStrategies {
  readonly revision: number;
  /** At least the versions that are in force, or were. */
  readonly strategies: readonly StrategyRecord<StoredVersion>[];
}

/** The same without the bytes of versions. */
export interface ListedStrategies {
  readonly revision: number;
  readonly strategies: readonly StrategyRecord[];
}

/** Versions by name. */
export type WantedVersions = readonly string[] | 'all';

/**
 * Where strategies are kept: PostgreSQL in production, a folder in development, memory in tests. A row that cannot be
 * read is named in its record (`unreadable`), and does not affect other strategies.
 */
export interface StrategyStore {
  read(): Promise<StoredStrategies>;
  /**
   * The answer of `read` at an earlier revision. Versions and history are never pruned. Throws `strategy.revision-unknown`
   * for a future revision, and for one from before the history.
   */
  readAt(revision: number): Promise<StoredStrategies>;
  /** Every strategy with its versions that are in force, or were. Drafts whose texts or contract cannot be read are named too. */
  list(): Promise<ListedStrategies>;
  /**
   * Of its versions those that are in force, or were, and those that are wanted: there may be thousands, and a
   * change concerns one. Undefined when there is no strategy of that name.
   */
  find(name: string, wanted?: WantedVersions): Promise<StrategyRecord | undefined>;
  /** One version with its bytes; undefined when there is none. Throws `strategy.unreadable`. */
  version(name: string, version: string): Promise<StoredVersion | undefined>;
  /**
   * Keeps the record and the entry together, with the bytes of versions that it did not have before, and returns
   * the record under its new revision. Versions that it does not mention stay as they are. Throws
   * `strategy.changed` when the strategy is no longer at the record's revision.
   */
  save(record: StrategyRecord, entry: AuditEntry, added?: readonly StoredVersion[]): Promise<StrategyRecord>;
  /**
   * Deletes a version that was never in force, in a canary or in the shadow, and keeps the entry; without any version left, the
   * strategy is gone, too. Throws `strategy.changed` when it is no longer at the revision, `strategy.missing`,
   * `strategy.version-used`.
   */
  remove(name: string, version: string, revision: number, entry: AuditEntry): Promise<void>;
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
  record: StrategyRecord, known: readonly StoredVersion[], added: readonly StoredVersion[],
): StrategyRecord<StoredVersion> {
  const recorded = new Map(record.versions.map((each) => [each.version, each]));
  // Only `validated` and `retired` of a version ever change.
  const versions = [...known, ...added].map((stored): StoredVersion => ({ ...stored, ...recorded.get(stored.version) } as StoredVersion));
  assert([...recorded.keys()].every((each) => versions.some(({ version }) => version === each)), 'a version is saved with its bytes');
  return { ...record, versions };
}

/** The record as `find` gives it, of one that is kept whole. */
export function withWanted(record: StrategyRecord<StoredVersion>, wanted: WantedVersions): StrategyRecord {
  const names = new Set([...versionsInForce(record), ...wanted]);
  const versions = wanted === 'all' ? record.versions : record.versions.filter(({ version }) => names.has(version));
  return { ...record, versions: versions.map(versionWithoutBytes) };
}

export function versionWithoutBytes(stored: StoredVersion): VersionRecord {
  if (stored.use !== undefined) return stored;
  const { source: _source, code: _code, ...version } = stored;
  return version;
}

/** The last save of each name up to a revision. Throws `strategy.revision-unknown`. */
export function standingAt<Saved extends { readonly name: string; readonly revision: number }>(
  saved: readonly Saved[], revision: number, { since, latest }: { readonly since: number; readonly latest: number },
): Saved[] {
  if (!(revision >= since && revision <= latest)) throw new RevisionUnknown(revision, since, latest);
  const standing = new Map<string, Saved>();
  for (const each of saved) if (each.revision <= revision) standing.set(each.name, each);
  return [...standing.values()];
}

/** Keeps strategies as long as the process lives. */
export class MemoryStrategyStore implements StrategyStore {
  private revision = 0;
  /** Each change, oldest first. */
  private readonly saved: StrategyRecord<StoredVersion>[] = [];
  private readonly entries: AuditEntry[] = [];
  private readonly watchers = new Set<() => void>();

  read(): Promise<StoredStrategies> {
    return this.readAt(this.revision);
  }

  async readAt(revision: number): Promise<StoredStrategies> {
    const standing = standingAt(this.saved, revision, { since: 0, latest: this.revision });
    return { revision, strategies: standing.filter(isThere) };
  }

  async list(): Promise<ListedStrategies> {
    const { revision, strategies } = await this.read();
    return { revision, strategies: strategies.map((record) => withWanted(record, [])) };
  }

  async find(name: string, wanted: WantedVersions = []): Promise<StrategyRecord | undefined> {
    const record = this.record(name);
    return record && withWanted(record, wanted);
  }

  async version(name: string, version: string): Promise<StoredVersion | undefined> {
    return this.record(name)?.versions.find((each) => each.version === version);
  }

  async save(record: StrategyRecord, entry: AuditEntry, added: readonly StoredVersion[] = []): Promise<StrategyRecord> {
    const known = this.record(record.name);
    const revision = known?.revision ?? 0;
    if (revision !== record.revision) throw new StrategyChanged(record.name, revision);
    this.revision += 1;
    const saved = { ...record, revision: this.revision };
    this.saved.push(withAllVersions(saved, known?.versions ?? [], added));
    this.entries.push(entry);
    for (const changed of this.watchers) changed();
    return saved;
  }

  async remove(name: string, version: string, revision: number, entry: AuditEntry): Promise<void> {
    const known = this.record(name);
    if (!known) throw new StrategyMissing(name, version);
    if (known.revision !== revision) throw new StrategyChanged(name, known.revision);
    const rest = withoutVersion(known, version);
    if (this.saved.some((each) => each.name === name && versionsInForce(each).includes(version))) throw new VersionUsed(name, version);
    this.revision += 1;
    this.saved.push({ ...rest, revision: this.revision });
    this.entries.push(entry);
    for (const changed of this.watchers) changed();
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

  private record(name: string): StrategyRecord<StoredVersion> | undefined {
    const last = this.saved.findLast((record) => record.name === name);
    return last && isThere(last) ? last : undefined;
  }
}

/** A strategy that has no version any more was deleted. */
function isThere({ versions }: StrategyRecord): boolean {
  return versions.length > 0;
}
