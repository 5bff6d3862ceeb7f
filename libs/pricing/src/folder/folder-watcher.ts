import { watch } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime, Timer } from '@aisle/std';
import type { SandboxedRollout } from '../lifecycle/sandboxed-rollout.ts';

/** The result of loading a file of the folder. */
export interface FolderEvent {
  readonly file: string;
  /** An unchanged file is not reported. A refusal has its problems. */
  readonly outcome: 'active' | 'refused';
  readonly problems: readonly string[];
}

/** The dependencies of a `FolderWatcher`. */
export interface FolderWatcherOptions {
  readonly folder: string;
  readonly rollout: SandboxedRollout;
  readonly runtime: Runtime;
  readonly onEvent: (event: FolderEvent) => void;
}

/** Wait this long, because editors write a file in several steps. */
const SETTLE_MS = 50;
const BY = { by: 'folder' };

/**
 * For development: a saved `*.ts` file of the folder is validated, loaded and active at once. A version never changes.
 * A changed rule that was active needs a new version, or it is refused.
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
   * Creates the folder if it is missing. New strategies in it are in force when this resolves. Known ones keep their
   * present state until they are saved again.
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

  /** Handles one file after another, so that two saves of one file keep their order. */
  private take(file: string, how: 'saved' | 'found'): Promise<void> {
    this.last = this.last.then(() => this.load(file, how));
    return this.last;
  }

  private async load(file: string, how: 'saved' | 'found'): Promise<void> {
    const { folder, rollout, onEvent } = this.options;
    try {
      const source = await readFile(join(folder, file), 'utf8');
      // A draft would use up the version, and mending a test would need another one.
      const { passed, problems } = await rollout.check(source);
      if (!passed) return onEvent({ file, outcome: 'refused', problems });
      const { record, version: { version, validated }, outcome } = await rollout.load(source, BY);
      if (record.active === version || (how === 'found' && outcome === 'unchanged')) return;
      if (!validated) await rollout.validate(record.name, version, BY);
      await rollout.rollOut(record.name, { state: 'active', version }, BY);
      onEvent({ file, outcome: 'active', problems });
    } catch (thrown) {
      // Deleting a file does not switch its strategy off: that needs a rollout.
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
      const { message, details } = thrown as { message: string; details?: { problems?: string[] } };
      onEvent({ file, outcome: 'refused', problems: details?.problems ?? [message] });
    }
  }
}
