import { mkdirSync, watch } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { standingAt, withAllVersions, withWanted } from '../lifecycle/strategy-store.ts';
import { StrategyFailure } from '../lifecycle/failures.ts';
import { versionsInForce, withoutVersion } from '../lifecycle/strategy-record.ts';
import type { AuditEntry, StoredVersion, StrategyRecord, VersionRecord } from '../lifecycle/strategy-record.ts';
import type { ListedStrategies, StoredStrategies, StrategyStore, WantedVersions } from '../lifecycle/strategy-store.ts';

/** A strategy after one of its changes, with the changeable fields of its versions. */
interface PastStrategy extends Omit<StrategyRecord, 'versions'> {
  readonly versions: readonly Pick<VersionRecord, 'version' | 'validated' | 'retired'>[];
}

interface Kept extends StoredStrategies {
  readonly entries: readonly AuditEntry[];
  /** Every change after the revision `since`, oldest first. */
  readonly past: readonly PastStrategy[];
  readonly since: number;
}

const FILE = 'strategies.json';
const NOTHING: Kept = { revision: 0, strategies: [], entries: [], past: [], since: 0 };
/** A developer's machine needs no longer audit than this. */
const ENTRIES_MAX = 1_000;

/** Keeps strategies in one file of a folder. For the single process of a developer. */
export class FolderStrategyStore implements StrategyStore {
  private readonly folder: string;
  private last: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.folder = folder;
  }

  async read(): Promise<StoredStrategies> {
    const { revision, strategies } = await this.kept();
    return { revision, strategies };
  }

  async readAt(revision: number): Promise<StoredStrategies> {
    const { revision: latest, strategies, past, since } = await this.kept();
    const standing = standingAt(past, revision, { since, latest });
    return { revision, strategies: standing.map((each) => wholeOf(each, strategies.find(({ name }) => name === each.name)!)) };
  }

  async list(): Promise<ListedStrategies> {
    const { revision, strategies } = await this.kept();
    return { revision, strategies: strategies.map((record) => withWanted(record, [])) };
  }

  async find(name: string, wanted: WantedVersions = []): Promise<StrategyRecord | undefined> {
    const record = await this.record(name);
    return record && withWanted(record, wanted);
  }

  async version(name: string, version: string): Promise<StoredVersion | undefined> {
    return (await this.record(name))?.versions.find((each) => each.version === version);
  }

  save(record: StrategyRecord, entry: AuditEntry, added: readonly StoredVersion[] = []): Promise<StrategyRecord> {
    return this.change(({ revision, strategies, entries, past, since }) => {
      const known = strategies.find(({ name }) => name === record.name);
      const found = known?.revision ?? 0;
      if (found !== record.revision) throw StrategyFailure.changed(record.name, found);
      const saved = { ...record, revision: revision + 1 };
      const whole = withAllVersions(saved, known?.versions ?? [], added);
      const others = strategies.filter(({ name }) => name !== record.name);
      return [{
        revision: saved.revision, strategies: [...others, whole], entries: [...entries, entry],
        past: [...past, pastOf(whole)], since,
      }, saved];
    });
  }

  remove(name: string, version: string, revision: number, entry: AuditEntry): Promise<void> {
    return this.change((kept) => {
      const known = kept.strategies.find((each) => each.name === name);
      if (!known) throw StrategyFailure.missing(name, version);
      if (known.revision !== revision) throw StrategyFailure.changed(name, known.revision);
      const rest = { ...withoutVersion(known, version), revision: kept.revision + 1 };
      const of = <Named extends { readonly name: string }>(each: Named): boolean => each.name === name;
      if (kept.past.filter(of).some((each) => versionsInForce(each).includes(version))) throw StrategyFailure.versionUsed(name, version);
      const isGone = rest.versions.length === 0;
      const [strategies, past] = [kept.strategies.filter((each) => !of(each)), isGone ? kept.past.filter((each) => !of(each)) : kept.past];
      return [{
        ...kept, revision: rest.revision, entries: [...kept.entries, entry],
        strategies: isGone ? strategies : [...strategies, rest], past: isGone ? past : [...past, pastOf(rest)],
      }, undefined];
    });
  }

  note(entry: AuditEntry): Promise<void> {
    return this.change((kept) => [{ ...kept, entries: [...kept.entries, entry] }, undefined]);
  }

  async knows(name: string, id: string): Promise<boolean> {
    return (await this.kept()).entries.some((entry) => entry.name === name && entry.id === id);
  }

  async audit(name: string, limit: number): Promise<readonly AuditEntry[]> {
    const { entries } = await this.kept();
    return entries.filter((entry) => entry.name === name).reverse().slice(0, limit);
  }

  watch(changed: () => void): () => void {
    mkdirSync(this.folder, { recursive: true });
    const watcher = watch(this.folder, (_event, file) => {
      if (file === FILE) changed();
    });
    return () => watcher.close();
  }

  private async record(name: string): Promise<StrategyRecord<StoredVersion> | undefined> {
    return (await this.kept()).strategies.find((record) => record.name === name);
  }

  /** Runs changes one after another. Each replaces the file, so a file is never half-written. */
  private change<T>(apply: (kept: Kept) => readonly [Kept, T]): Promise<T> {
    const done = this.last.then(async () => {
      const [kept, result] = apply(await this.kept());
      const entries = kept.entries.slice(-ENTRIES_MAX);
      await mkdir(this.folder, { recursive: true });
      const next = join(this.folder, `${FILE}.next`);
      await writeFile(next, `${JSON.stringify({ ...kept, entries }, null, 2)}\n`);
      await rename(next, join(this.folder, FILE));
      return result;
    });
    this.last = done.catch(() => undefined);
    return done;
  }

  private async kept(): Promise<Kept> {
    try {
      const kept = JSON.parse(await readFile(join(this.folder, FILE), 'utf8')) as StoredStrategies & Omit<Kept, 'past' | 'since'>;
      // A file without history starts one with the present state.
      return { past: kept.strategies.map(pastOf), since: kept.revision, ...kept };
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
      throw thrown;
    }
  }
}

function pastOf(record: StrategyRecord<StoredVersion>): PastStrategy {
  const names = new Set(versionsInForce(record));
  const versions = record.versions.filter(({ version }) => names.has(version));
  return {
    ...record,
    versions: versions.map(({ version, validated, retired }) => ({ version, validated, ...(retired === undefined ? {} : { retired }) })),
  };
}

function wholeOf(past: PastStrategy, present: StrategyRecord<StoredVersion>): StrategyRecord<StoredVersion> {
  const versions = past.versions.map((then): StoredVersion => {
    const { retired: _retired, ...now } = present.versions.find(({ version }) => version === then.version)!;
    return { ...now, ...then } as StoredVersion;
  });
  return { ...past, versions };
}
