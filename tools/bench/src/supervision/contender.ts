import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Work } from './servers.ts';

const BEAM = fileURLToPath(new URL('../../peers/beam/servers.exs', import.meta.url));
const SERVE = fileURLToPath(new URL('./serve.ts', import.meta.url));

/** A process that does what a line tells it: the BEAM, or Node with one of the libraries. */
export class Contender {
  private readonly answers: AsyncIterator<string>;

  private constructor(private readonly process: ChildProcess) {
    this.answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  }

  /** The BEAM by Elixir; undefined where that is not installed. */
  static beam(): Promise<Contender | undefined> {
    return Contender.start('elixir', [BEAM]);
  }

  static async node(name: 'aisle' | 'nact' | 'xstate'): Promise<Contender> {
    const started = await Contender.start(process.execPath, [
      ...process.execArgv, '--expose-gc', SERVE, name,
    ]);
    return started as Contender;
  }

  private static async start(command: string, args: string[]): Promise<Contender | undefined> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const missing = new Promise<undefined>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' ? resolve(undefined) : reject(error),
      );
    });
    const contender = new Contender(child);
    return Promise.race([missing, contender.answer().then(() => contender)]);
  }

  /** Does the work so many times; resolves with a figure, or NaN where the work has none. */
  async do(work: Work, count: number): Promise<number> {
    this.process.stdin?.write(`${work} ${count}\n`);
    return Number(await this.answer());
  }

  stop(): void {
    this.process.stdin?.end();
  }

  private async answer(): Promise<string> {
    const { value, done } = await this.answers.next();
    if (done) throw new Error('a contender ended early');
    return value;
  }
}
