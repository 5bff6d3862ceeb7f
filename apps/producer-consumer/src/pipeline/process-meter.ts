import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { PipelineMetrics } from '@aisle/contracts';
import type { Clock } from '@aisle/std';

const RESOLUTION_MS = 50;
const NS_PER_MS = 1_000_000;
const BYTES_PER_MIB = 1_048_576;
/** Reads within this time return the same figures, because a measurement over a few milliseconds says nothing. */
const FRESH_MS = 500;

/** Measures the processor time, event-loop lag and memory of this process since the last read. */
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
      // The histogram includes the timer's own period, and the lag is the rest. It is NaN until the timer has fired.
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
