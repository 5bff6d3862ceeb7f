import type { ActiveStrategy } from '@aisle/pricing';
import { StrategyFolder, type FolderEvent } from '@aisle/pricing/folder';
import { StrategyDesk } from '@aisle/pricing/lifecycle';
import type { Runtime } from '@aisle/std';
import { errorFields, type Logger } from '@aisle/telemetry';
import { LazySandbox } from './lazy-sandbox.ts';
import { RecordedBaskets, type ReadableJournal } from './recorded-baskets.ts';
import { RulesInForce } from './rules-in-force.ts';
import { Strategies } from './strategies.ts';
import { StrategiesRepository } from './strategies.repository.ts';

// Until there are tenants, every strategy belongs to one.
const TENANT = 'default';

export interface StrategyOptions {
  readonly database: ConstructorParameters<typeof StrategiesRepository>[0];
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly builtIns: readonly ActiveStrategy[];
  /** Where recorded baskets are read. */
  readonly journal: ReadableJournal;
  /** For development: what is saved there is in force at once. */
  readonly folder: string | undefined;
}

/** The strategies of a server, as they run. */
export interface RunningStrategies {
  readonly rules: RulesInForce;
  readonly strategies: Strategies;
  stop(): Promise<void>;
}

/** Reads what is in force, and follows it; the sandbox starts with the first script. */
export async function startStrategies(
  { database, runtime, logger, builtIns, journal, folder: path }: StrategyOptions,
): Promise<RunningStrategies> {
  const store = new StrategiesRepository(database, TENANT, runtime);
  const sandbox = new LazySandbox({
    runtime,
    onRetired({ sha256, meta: { name, version } }, { message, code, text }) {
      logger.warn('strategy retired', { strategy: name, version, sha256, code, said: text });
      strategies.retire(name, version, message).catch((error: unknown) =>
        logger.warn('strategy not retired everywhere', { strategy: name, version, ...errorFields(error) }));
    },
  });
  const rules = new RulesInForce({
    store, sandbox, builtIns,
    onFailed: (error) => logger.warn('rules not read', errorFields(error)),
  });
  const strategies = new Strategies({ store, sandbox, rules, runtime, recorded: new RecordedBaskets(journal) });
  await rules.start();
  const folder = path === undefined ? undefined : new StrategyFolder({
    folder: path,
    runtime,
    desk: new StrategyDesk({ store, sandbox: await sandbox.get(), runtime }),
    onEvent(event) {
      logFolderEvent(logger, event);
      void rules.refresh();
    },
  });
  await folder?.start();
  return {
    rules,
    strategies,
    async stop() {
      await folder?.stop();
      await rules.stop();
      await sandbox.close();
    },
  };
}

function logFolderEvent(logger: Logger, { file, outcome, problems }: FolderEvent): void {
  if (outcome === 'active') logger.info('strategy in force', { file });
  else logger.warn('strategy refused', { file, problems });
}
