import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { startWorker } from '@aisle/std';

/** The route that the thread attacks, and the time. */
export interface AttackOrder {
  readonly route: string;
  readonly forMs: number;
}

/** Answers by status. */
export type AttackReport = Readonly<Record<string, number>>;

/** The thread that sends the worst requests. */
export class Attacker {
  private constructor(private readonly worker: Worker, readonly routes: readonly string[]) {}

  /** Resolves when everything that the requests refer to exists. */
  static async start(gatewayUrl: string): Promise<Attacker> {
    const worker = startWorker({
      name: 'attack.worker', beside: import.meta.url, workerData: { gatewayUrl }, resourceLimits: { maxOldGenerationSizeMb: 1_024 },
    });
    const [routes] = (await once(worker, 'message')) as [string[]];
    return new Attacker(worker, routes);
  }

  async attack(order: AttackOrder): Promise<AttackReport> {
    this.worker.postMessage(order);
    return ((await once(this.worker, 'message')) as [AttackReport])[0];
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
