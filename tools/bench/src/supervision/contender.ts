import { fileURLToPath } from 'node:url';
import { Peer } from '../peer.ts';
import type { Work } from './servers.ts';

const BEAM = fileURLToPath(new URL('../../peers/beam/servers.exs', import.meta.url));
const SERVE = fileURLToPath(new URL('./serve.ts', import.meta.url));

/** A process that executes lines: the BEAM, or Node with one of the libraries. */
export class Contender {
  private constructor(private readonly peer: Peer) {}

  /** The BEAM by Elixir; undefined if that is not installed. */
  static async beam(): Promise<Contender | undefined> {
    const peer = await Peer.start('elixir', [BEAM]);
    return peer && new Contender(peer);
  }

  static async node(name: 'aisle' | 'nact' | 'xstate'): Promise<Contender> {
    const peer = await Peer.start(process.execPath, [...process.execArgv, '--expose-gc', SERVE, name]);
    return new Contender(peer as Peer);
  }

  /** Does the work `count` times. Resolves with a figure, or NaN if the work has none. */
  async do(work: Work, count: number): Promise<number> {
    return Number(await this.peer.ask(`${work} ${count}`));
  }

  stop(): void {
    this.peer.stop();
  }
}
