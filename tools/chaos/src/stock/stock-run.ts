import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@aisle/std/testing';
import pg from 'pg';
import type { Nemesis } from '../nemeses/nemesis.ts';
import { ChaosSystem } from '../system/chaos-system.ts';
import { Findings } from '../verdict/findings.ts';
import { auditOrders, auditStock, unsettled } from './stock-audit.ts';
import { StockWorkload } from './stock-workload.ts';

export interface StockChaosOptions {
  readonly seed: number;
  /** In order. The run ends after the last one, or when its time is over. */
  readonly nemeses: Iterable<Nemesis>;
  readonly forMs: number;
  readonly clients: number;
  /** The time without faults before each nemesis. */
  readonly calmMs: number;
  readonly onProgress: (line: string) => void;
}

/** The result of a run. */
export interface StockReport {
  readonly tookMs: number;
  readonly hits: readonly string[];
  /** The number of P6 checks, and of products in each. */
  readonly checks: number;
  readonly products: number;
  readonly acknowledged: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly answers: Readonly<Record<string, number>>;
  /** The time from the end of all faults until nothing was pending. */
  readonly settledMs: number | undefined;
  readonly findings: Findings;
  readonly errorLines: readonly string[];
  readonly logFolder: string | undefined;
}

const APPS = { gateway: 1, 'basket-manager': 1, 'basket-server': 1, market: 2, orders: 2, inventory: 2 } as const;
// Short, so that faults let reservations run out.
const ENVIRONMENT = { ORDER_TIMEOUT_MS: '8000', ORDER_RETRY_MS: '3000' };
const CHECK_EVERY_MS = 1_000;
const SETTLED_WITHIN_MS = 60_000;

/** Runs the nemeses on orders and stock under load, and compares all records of every unit. */
export async function runStockChaos(options: StockChaosOptions): Promise<StockReport> {
  const system = await ChaosSystem.start(APPS, ENVIRONMENT);
  try {
    return await new StockRun(options, system).run();
  } finally {
    await system.stop();
  }
}

class StockRun {
  private readonly findings = new Findings();
  private readonly workload: StockWorkload;
  private readonly hits: string[] = [];
  private checks = 0;
  private products = 0;

  constructor(
    private readonly options: StockChaosOptions,
    private readonly system: ChaosSystem,
  ) {
    this.workload = new StockWorkload({
      seed: options.seed,
      clients: options.clients,
      gatewayUrl: () => system.gatewayUrl,
      onViolation: (text) => this.findings.violated('HTTP', text),
    });
  }

  async run(): Promise<StockReport> {
    const startedAtMs = performance.now();
    const { nemeses, forMs, onProgress } = this.options;
    await this.workload.open();
    this.workload.start();
    const checking = new AbortController();
    const checked = this.checkAlways(checking.signal);
    for (const nemesis of nemeses) {
      if (performance.now() - startedAtMs > forMs) break;
      await this.unleash(nemesis);
    }
    await this.workload.stop();
    onProgress('wait until everything is settled, and compare');
    const settledMs = await this.settle();
    checking.abort();
    await checked;
    return this.conclude(performance.now() - startedAtMs, settledMs);
  }

  private async unleash(nemesis: Nemesis): Promise<void> {
    await sleep(this.options.calmMs);
    this.options.onProgress(nemesis.name);
    const violated = (promise: string, text: string): void => this.findings.violated(promise, text);
    const harm = await nemesis.start({
      system: this.system, random: seededRandom(this.hits.length), violated, answers: () => ({ ...this.workload.counts }),
    });
    await sleep(nemesis.holdMs);
    await harm.heal();
    this.hits.push(`${nemesis.name} (${harm.victims})`);
    if (!(await this.workload.canOrder())) violated('P11', `nothing could be ordered after ${nemesis.name}`);
    for (const text of await this.system.crashed()) violated('processes', text);
  }

  /** P6 repeatedly. While PostgreSQL is away there is nothing to check. */
  private async checkAlways(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.withDatabase(async (database) => {
        const { products, findings } = await auditStock(database);
        this.checks += 1;
        this.products = products;
        for (const { promise, text } of findings) this.findings.violated(promise, text);
      }).catch(() => undefined);
      await sleep(CHECK_EVERY_MS);
    }
  }

  private async settle(): Promise<number | undefined> {
    const sinceMs = performance.now();
    let left: string[] = [];
    while (performance.now() - sinceMs < SETTLED_WITHIN_MS) {
      left = await this.withDatabase(unsettled);
      if (left.length === 0) return performance.now() - sinceMs;
      await sleep(250);
    }
    for (const text of left) this.findings.violated('P11', `${SETTLED_WITHIN_MS / 1_000} s after the last fault: ${text}`);
    return undefined;
  }

  private async conclude(tookMs: number, settledMs: number | undefined): Promise<StockReport> {
    const { acknowledged, counts } = this.workload;
    const { statuses, broken } = await this.withDatabase(async (database) => {
      const { rows } = await database.query<{ status: string; count: string }>(
        "SELECT status || coalesce(' ' || reason, '') AS status, count(*) FROM orders.orders GROUP BY 1 ORDER BY 1");
      const { findings } = await auditStock(database);
      return { statuses: rows, broken: [...findings, ...(await auditOrders(database, acknowledged))] };
    });
    for (const { promise, text } of broken) this.findings.violated(promise, text);
    const { findings } = this;
    return {
      tookMs, settledMs, hits: this.hits, checks: this.checks, products: this.products,
      acknowledged: acknowledged.length,
      statuses: Object.fromEntries(statuses.map(({ status, count }) => [status, Number(count)])),
      answers: counts, findings, errorLines: this.system.errors(),
      logFolder: findings.total > 0 || this.system.errors().length > 0 ? await this.system.keepLogs() : undefined,
    };
  }

  private async withDatabase<T>(run: (database: pg.Client) => Promise<T>): Promise<T> {
    const url = new URL(this.system.adminDatabaseUrl);
    url.pathname = new URL(this.system.databaseUrl).pathname;
    const database = new pg.Client({ connectionString: url.toString(), connectionTimeoutMillis: 2_000 });
    database.on('error', () => undefined);
    await database.connect();
    try {
      return await run(database);
    } finally {
      await database.end().catch(() => undefined);
    }
  }
}

/** A report for people. */
export function stockReportText(report: StockReport): string {
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts).sort().map(([name, count]) => `${name} ${count}`).join(', ');
  const hits = [...new Set(report.hits.map((hit) => hit.replace(/ \(.*/, '')))].sort();
  return [
    `${(report.tookMs / 60_000).toFixed(1)} min: ${report.hits.length} faults, ${report.acknowledged} orders acknowledged`,
    `orders: ${list(report.statuses)}`,
    `answers: ${list(report.answers)}`,
    `P6 looked at ${report.checks} times, ${report.products} products each`,
    report.settledMs === undefined ? 'not settled' : `settled ${Math.round(report.settledMs)} ms after the last client`,
    ...hits.map((name) => `${String(report.hits.filter((hit) => hit.startsWith(`${name} (`)).length).padStart(3)}  ${name}`),
    ...['P4', 'P5', 'P6', 'P9', 'P11', 'P12', 'HTTP', 'processes'].flatMap((promise) => [
      `${promise.padEnd(9)} ${report.findings.count(promise) === 0 ? 'holds' : `BROKEN (${report.findings.count(promise)})`}`,
      ...report.findings.of(promise).map((line) => `    ${line}`),
    ]),
    `error lines logged: ${report.errorLines.length || 'none'}`,
    ...report.errorLines.slice(0, 5),
    report.findings.total === 0 ? 'no promise was broken' : `BROKEN: ${report.findings.total} findings`,
    ...(report.logFolder === undefined ? [] : [`logs: ${report.logFolder}`]),
  ].join('\n');
}
