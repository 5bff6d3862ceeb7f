import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@aisle/dev/testing';
import { THIS_CHECKOUT } from './node-process.ts';

/** The whole system as `npm start` starts it, in a data folder of its own. */
export class LaunchedSystem {
  /** The lines that the launcher has printed. */
  readonly lines: string[] = [];
  private readonly launcher: ChildProcess;
  private readonly ended: Promise<unknown>;
  private readonly waiting = new Set<() => void>();

  private constructor(dataDir: string, port: number, args: readonly string[]) {
    const hook = join(THIS_CHECKOUT, 'tools/dev/swc-hook.mjs');
    this.launcher = spawn(
      process.execPath,
      ['--conditions=@aisle/source', '--import', hook, join(THIS_CHECKOUT, 'tools/dev/src/start.ts'), ...args],
      { cwd: THIS_CHECKOUT, env: { ...process.env, AISLE_DATA_DIR: dataDir, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.ended = once(this.launcher, 'exit');
    createInterface({ input: this.launcher.stdout! }).on('line', (line) => {
      this.lines.push(line);
      for (const wake of this.waiting) wake();
    });
  }

  /** Starts it. Resolves once everything is up. */
  static async start(dataDir: string, ...args: string[]): Promise<LaunchedSystem> {
    const system = new LaunchedSystem(dataDir, await freePort(), args);
    // The last line of the banner, which names the processes.
    await system.printed(/^Ctrl-C stops everything/);
    return system;
  }

  /** The pid of each process of an app, by instance, as the banner names them. */
  get pids(): ReadonlyMap<string, number> {
    const rows = this.lines.map((line) => /^ {2}(\S+) +ops \S+ +pid (\d+)$/.exec(line)).filter((row) => row !== null);
    return new Map(rows.map(([, instance, pid]) => [instance!, Number(pid)]));
  }

  /** Resolves with the first line from `fromLine` on that matches. Rejects if the launcher ends before. */
  async printed(pattern: RegExp, fromLine = 0): Promise<string> {
    for (;;) {
      const found = this.lines.slice(fromLine).find((line) => pattern.test(line));
      if (found !== undefined) return found;
      const next = new Promise<void>((resolve) => this.waiting.add(resolve));
      const isOver = await Promise.race([next.then(() => false), this.ended.then(() => true)]);
      if (isOver) throw new Error(`the launcher ended:\n${this.lines.join('\n')}`);
      this.waiting.clear();
    }
  }

  async stop(): Promise<void> {
    this.launcher.kill('SIGINT');
    await this.ended;
  }
}

/** Runs `use` with the path of an empty data folder, which is deleted afterwards. */
export async function withDataDir<T>(use: (dataDir: string) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'aisle-bench-'));
  try {
    return await use(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
