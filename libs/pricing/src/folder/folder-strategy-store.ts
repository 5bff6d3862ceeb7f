import { mkdirSync, watch } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withAllVersions, withWanted } from '../lifecycle/strategy-store.ts';
import { StrategyChanged } from '../lifecycle/failures.ts';
import type { AuditEntry, ScriptRecord, StrategyRecord } from '../lifecycle/strategy-record.ts';
import type { StoredStrategies, StrategyStore, WantedVersions } from '../lifecycle/strategy-store.ts';

interface Kept extends StoredStrategies {
  readonly entries: readonly AuditEntry[];
}

const FILE = 'strategies.json';
const NOTHING: Kept = { revision: 0, strategies: [], entries: [] };
/** A laptop needs no longer memory than this. */
const ENTRIES_MAX = 1_000;

/** Keeps strategies in one file of a folder: for one process of a developer, not for several. */
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

  async find(name: string, wanted: WantedVersions = []): Promise<StrategyRecord | undefined> {
    const record = await this.record(name);
    return record && withWanted(record, wanted);
  }

  async script(name: string, version: string): Promise<ScriptRecord | undefined> {
    return (await this.record(name))?.versions.find((each) => each.version === version);
  }

  save(record: StrategyRecord, entry: AuditEntry, added: readonly ScriptRecord[] = []): Promise<StrategyRecord> {
    return this.change(({ revision, strategies, entries }) => {
      const known = strategies.find(({ name }) => name === record.name);
      const found = known?.revision ?? 0;
      if (found !== record.revision) throw new StrategyChanged(record.name, found);
      const saved = { ...record, revision: revision + 1 };
      const whole = withAllVersions(saved, known?.versions ?? [], added);
      const others = strategies.filter(({ name }) => name !== record.name);
      const kept = { revision: saved.revision, strategies: [...others, whole], entries: [...entries, entry] };
      return [kept, saved];
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

  private async record(name: string): Promise<StrategyRecord<ScriptRecord> | undefined> {
    return (await this.kept()).strategies.find((record) => record.name === name);
  }

  /** One change after the other, each whole: the file is replaced, never written into. */
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
      return JSON.parse(await readFile(join(this.folder, FILE), 'utf8')) as Kept;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
      throw thrown;
    }
  }
}
