import { assert } from '@aisle/std';
import { StrategyFailure } from './failures.ts';
import { versionsInForce, withoutVersion } from './strategy-record.ts';
import type { AuditEntry, StoredVersion, StrategyRecord, VersionRecord } from './strategy-record.ts';

/** All strategies, and the revision, which grows with every change. */
export interface StoredStrategies {
  readonly revision: number;
  /** At least the versions that are or were in force. */
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
 * The storage of strategies: PostgreSQL in production, a folder in development, memory in tests. An unreadable row is
 * listed in its record (`unreadable`) and does not affect other strategies.
 */
export interface StrategyStore {
  read(): Promise<StoredStrategies>;
  /**
   * The answer of `read` at an earlier revision. Versions and history are never pruned. Throws
   * `strategy.revision-unknown` for a future revision, and for one before the history.
   */
  readAt(revision: number): Promise<StoredStrategies>;
  /**
   * All strategies with their versions that are or were in force. Drafts with unreadable texts or contracts are listed
   * too.
   */
  list(): Promise<ListedStrategies>;
  /**
   * A strategy with its versions that are or were in force, and the wanted ones. There may be thousands of versions,
   * and a change concerns one. Undefined if there is no such strategy.
   */
  find(name: string, wanted?: WantedVersions): Promise<StrategyRecord | undefined>;
  /** One version with its bytes; undefined if there is none. Throws `strategy.unreadable`. */
  version(name: string, version: string): Promise<StoredVersion | undefined>;
  /**
   * Saves the record and the entry together, with the bytes of new versions. Returns the record under its new revision.
   * Versions that it does not mention stay unchanged. Throws `strategy.changed` if the strategy is no longer at the
   * record's revision.
   */
  save(record: StrategyRecord, entry: AuditEntry, added?: readonly StoredVersion[]): Promise<StrategyRecord>;
  /**
   * Deletes a version that was never active, in canary or in shadow, and saves the entry. A strategy without versions
   * is deleted, too. Throws `strategy.missing`, `strategy.version-used`, and `strategy.changed` if the strategy is no
   * longer at the revision.
   */
  remove(name: string, version: string, revision: number, entry: AuditEntry): Promise<void>;
  /** Saves an entry that belongs to no change. */
  note(entry: AuditEntry): Promise<void>;
  /** True if the strategy has an entry with that id. */
  knows(name: string, id: string): Promise<boolean>;
  /** The audit entries of a strategy, latest first. */
  audit(name: string, limit: number): Promise<readonly AuditEntry[]>;
  /** Calls `changed` soon after each change by any process. Returns a function that stops it. */
  watch(changed: () => void): () => void;
}

/** The complete record: the known versions with the record's new flags, and the added versions. */
export function withAllVersions(
  record: StrategyRecord, known: readonly StoredVersion[], added: readonly StoredVersion[],
): StrategyRecord<StoredVersion> {
  const recorded = new Map(record.versions.map((each) => [each.version, each]));
  // Only `validated` and `retired` of a version ever change.
  const versions = [...known, ...added].map((stored): StoredVersion => ({ ...stored, ...recorded.get(stored.version) } as StoredVersion));
  assert([...recorded.keys()].every((each) => versions.some(({ version }) => version === each)), 'a version is saved with its bytes');
  return { ...record, versions };
}

/** The part of a complete record that `find` returns. */
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
  if (!(revision >= since && revision <= latest)) throw StrategyFailure.revisionUnknown(revision, since, latest);
  const standing = new Map<string, Saved>();
  for (const each of saved) if (each.revision <= revision) standing.set(each.name, each);
  return [...standing.values()];
}

/** Keeps strategies for the life of the process. */
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
    if (revision !== record.revision) throw StrategyFailure.changed(record.name, revision);
    this.revision += 1;
    const saved = { ...record, revision: this.revision };
    this.saved.push(withAllVersions(saved, known?.versions ?? [], added));
    this.entries.push(entry);
    for (const changed of this.watchers) changed();
    return saved;
  }

  async remove(name: string, version: string, revision: number, entry: AuditEntry): Promise<void> {
    const known = this.record(name);
    if (!known) throw StrategyFailure.missing(name, version);
    if (known.revision !== revision) throw StrategyFailure.changed(name, known.revision);
    const rest = withoutVersion(known, version);
    if (this.saved.some((each) => each.name === name && versionsInForce(each).includes(version))) {
      throw StrategyFailure.versionUsed(name, version);
    }
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

/** A strategy without versions was deleted. */
function isThere({ versions }: StrategyRecord): boolean {
  return versions.length > 0;
}
