import { FolderWatcher, type FolderEvent } from '@aisle/pricing/folder';
import { SandboxedRollout, type AuditEntry, type StrategyStore } from '@aisle/pricing/lifecycle';
import { uuidv7, type Runtime } from '@aisle/std';
import { errorFields, type Logger, type Registry } from '@aisle/platform';
import { PriceReport } from '../pricing/price-report.ts';
import { ShadowPrices, type ShadowTally } from '../pricing/shadow-prices.ts';
import { LazySandbox } from './lazy-sandbox.ts';
import { RecordedBaskets, type ReadableJournal } from './recorded-baskets.ts';
import { RulesInForce } from './rules-in-force.ts';
import { Strategies } from './strategies.ts';
import { reportUnreadable } from './unreadable-report.ts';

export interface StrategyOptions {
  readonly store: StrategyStore;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Where recorded baskets are read. */
  readonly journal: ReadableJournal;
  /** For development: what is saved there is in force at once. */
  readonly folder: string | undefined;
}

/** The strategies of a server, as they run. */
export interface RunningStrategies {
  readonly rules: RulesInForce;
  readonly strategies: Strategies;
  /** Told of each price. */
  readonly report: PriceReport;
  stop(): Promise<void>;
}

/** Reads what is in force, and follows it; the sandbox starts with the first script. */
export async function startStrategies(
  { store, runtime, logger, metrics, journal, folder: path }: StrategyOptions,
): Promise<RunningStrategies> {
  const sandbox = new LazySandbox({
    runtime,
    onRetired({ sha256, meta: { name, version } }, { message, code, text }) {
      logger.warn('strategy retired', { strategy: name, version, sha256, code, said: text });
      strategies.retire(name, version, message).catch((error: unknown) =>
        logger.warn('strategy not retired everywhere', { strategy: name, version, ...errorFields(error) }));
    },
  });
  const tellUnreadable = reportUnreadable({ logger, metrics });
  const rules = new RulesInForce({
    store, sandbox,
    onFailed: (error) => logger.warn('rules not read', errorFields(error)),
    onRead(unreadable) {
      tellUnreadable(unreadable);
      shadows.rulesChanged();
    },
  });
  const rollout = new SandboxedRollout({ store, sandbox, runtime });
  const strategies = new Strategies({ rollout, rules, recorded: new RecordedBaskets(journal) });
  const shadows = new ShadowPrices({
    runtime, metrics, rules,
    onTally: (tally) => void store.note(auditOf(tally, runtime)).catch((error: unknown) =>
      logger.warn('shadow not noted', { ...tally, ...errorFields(error) })),
    onFailed: (error) => logger.warn('shadow not priced', errorFields(error)),
  });
  const report = new PriceReport({ metrics, shadows });
  await rules.start();
  const folder = path === undefined ? undefined : new FolderWatcher({
    folder: path, runtime, rollout,
    onEvent(event) {
      logFolderEvent(logger, event);
      void rules.refresh();
    },
  });
  await folder?.start();
  return {
    rules,
    strategies,
    report,
    async stop() {
      await folder?.stop();
      await shadows.stop();
      await rules.stop();
      await sandbox.close();
    },
  };
}

function auditOf({ strategy: name, version, ...counts }: ShadowTally, runtime: Runtime): AuditEntry {
  return {
    id: uuidv7(runtime), atMs: runtime.clock.nowMs(), by: 'basket-server', name, action: 'shadowed', version, details: counts,
  };
}

function logFolderEvent(logger: Logger, { file, outcome, problems }: FolderEvent): void {
  if (outcome === 'active') logger.info('strategy in force', { file });
  else logger.warn('strategy refused', { file, problems });
}
