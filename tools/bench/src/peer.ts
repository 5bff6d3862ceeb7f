import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process that reports when it is ready, and then answers each line with a line: the BEAM, or a separate Node. */
export class Peer {
  private readonly answers: AsyncIterator<string>;

  private constructor(private readonly process: ChildProcess) {
    this.answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  }

  /** Undefined if the command does not exist. */
  static async start(command: string, args: string[]): Promise<Peer | undefined> {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(child, 'spawn');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const peer = new Peer(child);
    await peer.answer();
    return peer;
  }

  async ask(line: string): Promise<string> {
    this.process.stdin?.write(`${line}\n`);
    return this.answer();
  }

  stop(): void {
    this.process.stdin?.end();
  }

  private async answer(): Promise<string> {
    const { value, done } = await this.answers.next();
    if (done) throw new Error('a peer ended before it answered');
    return value;
  }
}
