import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { PipelineMetrics } from '@aisle/contracts';
import type { Clock } from '@aisle/std';

const RESOLUTION_MS = 10;
const NS_PER_MS = 1_000_000;
const BYTES_PER_MIB = 1_048_576;
/** Askers within this time get the same answer: a figure of a few milliseconds says nothing. */
const FRESH_MS = 500;

/** How this process is doing, over the last second or so. */
export class ProcessMeter {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private usage = process.cpuUsage();
  private atMs: number;
  private latest: PipelineMetrics['process'] | undefined = undefined;

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {
    this.atMs = clock.monotonicMs();
    this.delay.enable();
  }

  get figures(): PipelineMetrics['process'] {
    const nowMs = this.clock.monotonicMs();
    const passedMs = nowMs - this.atMs;
    if (this.latest && passedMs < FRESH_MS) return this.latest;
    const { user, system } = process.cpuUsage(this.usage);
    this.latest = {
      cpuPercent: rounded((user + system) / 10 / Math.max(passedMs, 1)),
      // What the timer is late is the lag; it measures its own period with it. NaN until it has fired.
      eventLoopLagMs: rounded(Math.max(0, (this.delay.percentile(99) || 0) / NS_PER_MS - RESOLUTION_MS)),
      memoryMiB: rounded(process.memoryUsage.rss() / BYTES_PER_MIB),
    };
    this.usage = process.cpuUsage();
    this.atMs = nowMs;
    this.delay.reset();
    return this.latest;
  }

  close(): void {
    this.delay.disable();
  }
}

function rounded(figure: number): number {
  return Math.round(figure * 10) / 10;
}
