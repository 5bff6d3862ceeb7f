import type { SimulatedProcess } from './simulated-process.ts';

/** The direction of a partition, seen from the process: `to` the server, `from` it, or both. */
export type Cut = 'to' | 'from' | 'both';

/** Knows which processes are cut off from a server, and in which direction. */
export class Reachability {
  private readonly cuts = new Map<SimulatedProcess, Cut>();

  cut(process: SimulatedProcess, direction: Cut): void {
    this.cuts.set(process, direction);
  }

  /** Ends a partition. Returns false if the process was not cut off. */
  heal(process: SimulatedProcess): boolean {
    return this.cuts.delete(process);
  }

  get cutOff(): SimulatedProcess[] {
    return [...this.cuts.keys()];
  }

  /** Whether requests of the process reach the server. */
  reachesServer(process: SimulatedProcess): boolean {
    const cut = this.cuts.get(process);
    return cut === undefined || cut === 'from';
  }

  /** Whether answers of the server reach the process. */
  reachesProcess(process: SimulatedProcess): boolean {
    const cut = this.cuts.get(process);
    return cut === undefined || cut === 'to';
  }
}
