import { watch } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime, Timer } from '@aisle/std';
import type { SandboxedRollout } from '../lifecycle/sandboxed-rollout.ts';

/** What came of a file of the folder. */
export interface FolderEvent {
  readonly file: string;
  /** `unchanged` is not reported; a refusal says why. */
  readonly outcome: 'active' | 'refused';
  readonly problems: readonly string[];
}

/** What a watched folder works with. */
export interface FolderWatcherOptions {
  readonly folder: string;
  readonly rollout: SandboxedRollout;
  readonly runtime: Runtime;
  readonly onEvent: (event: FolderEvent) => void;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 50;
const BY = { by: 'folder' };

/**
 * For development: what is saved in a folder of `*.ts` is validated, loaded and active at once. A
 * version stays what it was: who changes a rule that was active gives it another version, or is refused.
 */
export class FolderWatcher {
  private readonly options: FolderWatcherOptions;
  private readonly pending = new Map<string, Timer>();
  private stopWatching: () => void = () => undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(options: FolderWatcherOptions) {
    this.options = options;
  }

  /**
   * Makes the folder unless it is there. What is new in it is in force when this resolves; what is known
   * stays as it was decided since, until it is saved again.
   */
  async start(): Promise<void> {
    const { folder, runtime } = this.options;
    await mkdir(folder, { recursive: true });
    const watcher = watch(folder, (_event, file) => {
      if (!file?.endsWith('.ts')) return;
      this.pending.get(file)?.cancel();
      this.pending.set(file, runtime.timers.after(SETTLE_MS, () => {
        this.pending.delete(file);
        void this.take(file, 'saved');
      }));
    });
    this.stopWatching = () => watcher.close();
    const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
    for (const file of files) await this.take(file, 'found');
  }

  async stop(): Promise<void> {
    this.stopWatching();
    for (const timer of this.pending.values()) timer.cancel();
    await this.last;
  }

  /** One file after the other: two saves of one file must not overtake each other. */
  private take(file: string, how: 'saved' | 'found'): Promise<void> {
    this.last = this.last.then(() => this.load(file, how));
    return this.last;
  }

  private async load(file: string, how: 'saved' | 'found'): Promise<void> {
    const { folder, rollout, onEvent } = this.options;
    try {
      const source = await readFile(join(folder, file), 'utf8');
      // A draft would take the version's name, and who mends a test would have to think of another.
      const { passed, problems } = await rollout.check(source);
      if (!passed) return onEvent({ file, outcome: 'refused', problems });
      const { record, version: { version, validated }, outcome } = await rollout.load(source, BY);
      if (record.active === version || (how === 'found' && outcome === 'unchanged')) return;
      if (!validated) await rollout.validate(record.name, version, BY);
      await rollout.rollOut(record.name, { state: 'active', version }, BY);
      onEvent({ file, outcome: 'active', problems });
    } catch (thrown) {
      // A file that was deleted takes nothing out of force: that is a rollout.
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
      const { message, details } = thrown as { message: string; details?: { problems?: string[] } };
      onEvent({ file, outcome: 'refused', problems: details?.problems ?? [message] });
    }
  }
}
