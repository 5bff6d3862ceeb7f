import { FolderWatcher, type FolderEvent } from '@aisle/pricing/folder';
import { SandboxedRollout, type AuditEntry, type StrategyStore } from '@aisle/pricing/lifecycle';
import { uuidv7, type Runtime } from '@aisle/std';
import { errorFields, type Logger, type Registry } from '@aisle/platform';
import { PriceReport } from '../pricing/price-report.ts';
import { ShadowPrices, type ShadowTally } from '../pricing/shadow-prices.ts';
import { LazySandbox } from './lazy-sandbox.ts';
import { RecordedBaskets, type ReadableJournal } from './recorded-baskets.ts';
import { RulesFollower } from './rules-follower.ts';
import { StrategyOperations } from './strategy-operations.ts';
import { reportUnreadable } from './unreadable-report.ts';

/** The parts of a process that its strategies use. */
export interface StrategyOptions {
  readonly store: StrategyStore;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** The source of recorded baskets. */
  readonly journal: ReadableJournal;
  /** For development: a folder whose strategies are put in force as soon as they are saved. */
  readonly folder: string | undefined;
}

/** The running strategies of a server. */
export interface RunningStrategies {
  readonly rules: RulesFollower;
  readonly strategies: StrategyOperations;
  /** Receives each price. */
  readonly report: PriceReport;
  stop(): Promise<void>;
}

/** Reads the rules in force, and follows them. The sandbox starts with the first script. Throws if the first read fails. */
export async function startStrategies(
  { store, runtime, logger, metrics, journal, folder: path }: StrategyOptions,
): Promise<RunningStrategies> {
  const sandbox = new LazySandbox({ runtime });
  const rules = new RulesFollower({ store, sandbox, onFailed: (error) => logger.warn('rules not read', errorFields(error)) });
  const rollout = new SandboxedRollout({ store, sandbox, runtime });
  const strategies = new StrategyOperations({ rollout, rules, recorded: new RecordedBaskets(journal) });
  const shadows = new ShadowPrices({
    runtime, metrics, rules,
    onTally: (tally) => void store.note(auditOf(tally, runtime)).catch((error: unknown) =>
      logger.warn('shadow not noted', { ...tally, ...errorFields(error) })),
    onFailed: (error) => logger.warn('shadow not priced', errorFields(error)),
  });
  sandbox.onRetired(({ sha256, meta: { name, version } }, { message, code, text }) => {
    logger.warn('strategy retired', { strategy: name, version, sha256, code, text });
    strategies.retire(name, version, message).catch((error: unknown) =>
      logger.warn('strategy not retired everywhere', { strategy: name, version, ...errorFields(error) }));
  });
  rules.onChange(reportUnreadable({ logger, metrics }));
  rules.onChange(() => shadows.rulesChanged());
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
