import type { SimulatedProcess } from './simulated-process.ts';

/** Which way nothing goes through: what the process sends, what it is sent, or either. */
export type Cut = 'to' | 'from' | 'both';

/** Who is cut off from a server, in which direction. */
export class Reachability {
  private readonly cuts = new Map<SimulatedProcess, Cut>();

  cut(process: SimulatedProcess, direction: Cut): void {
    this.cuts.set(process, direction);
  }

  /** False when it was not cut off. */
  heal(process: SimulatedProcess): boolean {
    return this.cuts.delete(process);
  }

  get cutOff(): SimulatedProcess[] {
    return [...this.cuts.keys()];
  }

  /** Whether what the process sends arrives at the server. */
  isHeard(process: SimulatedProcess): boolean {
    const cut = this.cuts.get(process);
    return cut === undefined || cut === 'from';
  }

  /** Whether what the server sends arrives at the process. */
  hears(process: SimulatedProcess): boolean {
    const cut = this.cuts.get(process);
    return cut === undefined || cut === 'to';
  }
}
