import { setTimeout as sleep } from 'node:timers/promises';
import type { AisleApp, AisleSystem } from '../load/aisle-system.ts';
import type { WalMeter } from '../load/wal.ts';
import { BasketLoad, batchOf, skus } from './basket-load.ts';
import type { MemorySample } from './memory-samples.ts';

/** The sizes of a run. */
export interface MemorySizes {
  readonly known: number;
  readonly live: number;
  /** Churn before the first sample, until caches are full and code is compiled. */
  readonly warmUpMs: number;
  readonly churnMs: number;
  readonly sampleMs: number;
  readonly walBaskets: number;
  readonly walAdds: number;
}

/** The sizes of baskets for the measured adds. */
export const LINES = [1, 10, 100, 500];
export const PRODUCTS_A_BASKET = 5;
const CLIENTS = 24;

/** The WAL of an add to a basket of this size. */
interface WalPerAdd {
  readonly lines: number;
  readonly bytes: number;
  readonly fullPageBytes: number;
}

/** All results. */
export interface MemoryFigures {
  readonly perBasket: { readonly few: MemorySample; readonly many: MemorySample; readonly bytes: number };
  readonly wal: readonly WalPerAdd[];
  readonly samples: readonly MemorySample[];
  readonly acknowledged: number;
  readonly retried: number;
}

/** One basket-server under load, measured from outside. */
export class MemoryBench {
  readonly load: BasketLoad;
  private readonly server: AisleApp;
  private readonly startMs = performance.now();

  constructor(
    system: AisleSystem,
    private readonly wal: WalMeter,
    private readonly sizes: MemorySizes,
  ) {
    this.load = new BasketLoad(system.address, CLIENTS);
    this.server = system.apps.find(({ name }) => name.startsWith('basket-server')) as AisleApp;
  }

  /** The heap with all permitted live baskets, compared with a tenth of them, all idle. */
  async bytesPerLiveBasket(): Promise<MemoryFigures['perBasket']> {
    await this.fill(0, this.sizes.live / 10);
    const few = await this.sample();
    await this.fill(this.sizes.live / 10, this.sizes.live);
    const many = await this.sample();
    const weight = many.heapUsed + many.external - few.heapUsed - few.external;
    return { few, many, bytes: weight / (many.liveBaskets - few.liveBaskets) };
  }

  makeKnown(): Promise<void> {
    return this.fill(this.sizes.live, this.sizes.known);
  }

  async walPerAdd(): Promise<WalPerAdd[]> {
    const found: WalPerAdd[] = [];
    for (const lines of LINES) {
      const baskets = Array.from({ length: this.sizes.walBaskets }, (_, index) => `lines-${lines}-${index}`);
      await this.load.each(baskets, (connection, basket) => this.load.fill(connection, basket, batchOf(lines)));
      const before = await this.wal.position();
      const adds = Array.from({ length: this.sizes.walAdds }, (_, index) => baskets[index % baskets.length] as string);
      await this.load.each(adds, (connection, basket) => this.load.add(connection, basket, skus(1)[0] as string));
      const { bytes, fullPageBytes } = await this.wal.written(before, await this.wal.position());
      found.push({ lines, bytes: bytes / adds.length, fullPageBytes: fullPageBytes / adds.length });
    }
    return found;
  }

  /**
   * Half of the requests read a random basket, which comes back from the journal. The other half make new ones, as
   * shoppers do. No basket and no history grows in that time, so the size of each stays the same.
   */
  async churn(): Promise<MemorySample[]> {
    const { warmUpMs, churnMs, sampleMs } = this.sizes;
    const samples: MemorySample[] = [];
    const warmAtMs = performance.now() + warmUpMs;
    const untilMs = warmAtMs + churnMs;
    let known = this.sizes.known;
    const requests = (function* () {
      while (performance.now() < untilMs) yield Math.random() < 0.5;
    })();
    const batch = batchOf(PRODUCTS_A_BASKET);
    const loading = this.load.each(requests, (connection, reads) =>
      reads
        ? this.load.read(connection, `known-${Math.floor(Math.random() * this.sizes.known)}`)
        : this.load.fill(connection, `known-${known++}`, batch),
    );
    while (performance.now() < untilMs) {
      await Promise.race([loading, sleep(sampleMs)]);
      if (performance.now() < warmAtMs) continue;
      const sample = await this.sample();
      samples.push(sample);
      console.log(memoryRow(sample).join('  '));
    }
    await loading;
    return samples;
  }

  private async fill(from: number, below: number): Promise<void> {
    const baskets = (function* () {
      for (let basket = from; basket < below; basket += 1) yield `known-${basket}`;
    })();
    const batch = batchOf(PRODUCTS_A_BASKET);
    await this.load.each(baskets, (connection, basket) => this.load.fill(connection, basket, batch));
  }

  private async sample(): Promise<MemorySample> {
    const { rss, heapUsed, external } = await this.server.ask<NodeJS.MemoryUsage>('measure');
    const metrics = await (await fetch(`${this.server.opsUrl}/metrics`)).text();
    const liveBaskets = Number(/^baskets_live(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1]);
    return { atMs: performance.now() - this.startMs, rss, heapUsed, external, liveBaskets };
  }
}

/** A sample as a row of a table. */
export function memoryRow({ atMs, rss, heapUsed, external, liveBaskets }: MemorySample): string[] {
  return [(atMs / 1_000).toFixed(0), mib(rss), mib(heapUsed), mib(external), String(liveBaskets)];
}

export function mib(bytes: number): string {
  return (bytes / 1_024 / 1_024).toFixed(1);
}
