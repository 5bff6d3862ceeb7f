import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface NodeProcessOptions {
  /** Its name in tables and profiles. */
  readonly name: string;
  /** A TypeScript file, relative to the root of the checkout. */
  readonly entry: string;
  /** The folder of another checkout, to be run instead of this one. */
  readonly checkout?: string | undefined;
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Node's own flags, such as `--expose-gc`. */
  readonly nodeFlags?: readonly string[] | undefined;
  /** The folder of a CPU profile of each of its threads, written at its end. */
  readonly profileFolder?: string | undefined;
}

/** The root of the checkout that this file is in. */
export const THIS_CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));
const LEASH = join(THIS_CHECKOUT, 'tools/dev/leash.mjs');
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;
const LINES_KEPT = 50;

/** One server of a benchmark, run from source as in production. It ends when this process does. */
export class NodeProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #launchId: string = randomUUID();
  readonly #lines: string[] = [];
  readonly #ended: Promise<number | NodeJS.Signals>;

  constructor(options: NodeProcessOptions) {
    this.name = options.name;
    this.#child = spawn(process.execPath, nodeArguments(options), {
      cwd: options.checkout ?? THIS_CHECKOUT,
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', LAUNCH_ID: this.#launchId, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#ended = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#keep(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#keep(chunk));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The last lines of its output. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Resolves once `url` answers 200. Otherwise rejects with the process's output. */
  async ready(url: string): Promise<void> {
    const untilMs = Date.now() + READY_WITHIN_MS;
    while (Date.now() < untilMs && this.#child.exitCode === null) {
      if (await fetch(url).then((response) => this.#isReady(response), () => false)) return;
      await sleep(50);
    }
    throw new Error(`${this.name} is not ready:\n${this.#lines.join('\n')}`);
  }

  /** Sends a message to the module that was imported to answer it, and resolves with the answer. */
  async ask<T>(message: string): Promise<T> {
    const answered = once(this.#child, 'message');
    this.#child.send(message);
    const [answer] = (await answered) as [T];
    return answer;
  }

  /** Resolves when it has ended by itself. Rejects unless its exit code is 0. */
  async done(): Promise<void> {
    const end = await this.#ended;
    if (end !== 0) throw new Error(`${this.name} ended with ${end}:\n${this.#lines.join('\n')}`);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.#ended;
    clearTimeout(late);
  }

  /** Peers and older checkouts do not say which process answers. */
  #isReady({ ok, headers }: Response): boolean {
    return ok && [null, this.#launchId].includes(headers.get('x-launch-id'));
  }

  #keep(chunk: Buffer): void {
    this.#lines.push(...chunk.toString().split('\n').filter(Boolean));
    this.#lines.splice(0, this.#lines.length - LINES_KEPT);
  }
}

function nodeArguments(options: NodeProcessOptions): string[] {
  const { name, entry, checkout = THIS_CHECKOUT, args = [], nodeFlags = [], profileFolder } = options;
  const profiling = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${join(profileFolder, name)}`] : [];
  return [
    ...profiling,
    ...nodeFlags,
    '--conditions=@aisle/source',
    '--import',
    join(checkout, 'tools/dev/swc-hook.mjs'),
    '--import',
    LEASH,
    join(checkout, entry),
    ...args,
  ];
}
