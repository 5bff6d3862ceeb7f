import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LEASH } from './app-process.ts';
import type { Shoppers } from './options.ts';
import type { Terminal } from './terminal.ts';
import { sourceArgs, workspaceRoot } from '../workspace.ts';

const ENTRY = 'tools/dev/src/simulate.ts';

/** The simulator beside the system. It prints its lines as they come, and its report when it is stopped. */
export class ShopperProcess {
  /** Resolves with the exit code: 0 if every invariant held. */
  readonly ended: Promise<number>;
  private readonly child: ChildProcess;

  constructor({ count, seed, durationSeconds }: Shoppers, gatewayPort: number, key: string | undefined, terminal: Terminal) {
    const args = ['--url', `http://127.0.0.1:${gatewayPort}`, '--shoppers', String(count)];
    if (seed !== undefined) args.push('--seed', seed);
    if (durationSeconds !== undefined) args.push('--duration', durationSeconds);
    this.child = spawn(process.execPath, ['--import', LEASH, ...sourceArgs(ENTRY), ...args], {
      cwd: workspaceRoot,
      env: { ...process.env, ...(key === undefined ? {} : { AISLE_KEY: key }) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Its own group, because the terminal's Ctrl-C is for the launcher, which lets shoppers leave first.
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => terminal.line(line));
    }
    this.ended = once(this.child, 'close').then(([code]) => (code as number | null) ?? 1);
  }

  /** Lets the shoppers leave, and resolves after their report. */
  stop(): Promise<number> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
