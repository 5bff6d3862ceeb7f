import { uuidv7, type Runtime } from '@aisle/std';
import { builtIn } from '../built-ins/built-in.ts';
import { jsonProblems, metaProblems } from '../engine/meta.ts';
import { PricingFailure } from '../failures.ts';
import { currencyProblems } from './currency.ts';
import { StrategyFailure } from './failures.ts';
import { reachProblems } from './reach.ts';
import { stateOf, versionOf, versionsInForce, withRetired, withRollback, withRollout, withVersion } from './strategy-record.ts';
import { versionWithoutBytes, type StrategyStore, type WantedVersions } from './strategy-store.ts';
import type { BuiltInConfig, BuiltInName } from '../built-ins/built-in.ts';
import type { Json } from '../strategy.ts';
import type { AuditEntry, BuiltInRecord, Rollout, StoredVersion, StrategyRecord, VersionRecord } from './strategy-record.ts';

/** The dependencies of `StrategyRollout`. */
export interface StrategyRolloutOptions {
  readonly store: StrategyStore;
  readonly runtime: Runtime;
}

/** The author of a change, and optionally the expected revision of the strategy. */
export interface Change {
  readonly by: string;
  /** Calls with the same id are one change and take effect once. Without an id every call is a change. */
  readonly id?: string;
  readonly ifRevision?: number;
}

/** A version that a command has loaded. */
export interface Loaded {
  readonly record: StrategyRecord;
  readonly version: VersionRecord;
  readonly outcome: 'added' | 'unchanged';
}

/** A built-in, such as `bulk-price@1`, with its configuration. */
export interface BuiltInSetup extends BuiltInConfig {
  readonly use: string;
}

const ATTEMPTS_MAX = 4;

/**
 * The changes of strategies that need no sandbox. Each is one change of the store with its audit entry, and works
 * without a healthy basket-server.
 */
export class StrategyRollout {
  protected readonly store: StrategyStore;
  protected readonly runtime: Runtime;

  constructor({ store, runtime }: StrategyRolloutOptions) {
    this.store = store;
    this.runtime = runtime;
  }

  /**
   * Loads a configured built-in as a draft. The same configuration again is `unchanged`. Throws `pricing.rules`, which
   * names every fault, and `strategy.version-taken` for a known version with another configuration.
   */
  async configure(setup: BuiltInSetup, change: Change): Promise<Loaded> {
    return this.add(builtInRecord(setup, this.runtime.clock.nowMs(), change.by), change);
  }

  /**
   * Activates built-ins with unknown names. Known strategies stay unchanged, even if they were changed or switched off.
   * Returns the new names. Throws `pricing.rules`.
   */
  async seed(setups: readonly BuiltInSetup[], change: Pick<Change, 'by'>): Promise<string[]> {
    const added: string[] = [];
    for (const setup of setups) {
      const { name, version, use } = setup;
      if (await this.store.find(name)) continue;
      const stored = { ...builtInRecord(setup, this.runtime.clock.nowMs(), change.by), validated: true };
      const record = { ...withVersion(undefined, stored).record, active: version };
      const details = { state: 'active', use, sha256: stored.sha256 };
      try {
        await this.store.save(record, this.entry(change, { action: 'seeded', name, version, details }), [stored]);
        added.push(name);
      } catch (thrown) {
        // Another process has added it in the meantime.
        if (!StrategyFailure.changed.is(thrown)) throw thrown;
      }
    }
    return added;
  }

  /**
   * Activates a version, puts it in shadow or in canary, or switches the strategy off. Throws `strategy.missing`,
   * `strategy.not-ready`, `strategy.unreadable`, `strategy.changed`.
   */
  rollOut(name: string, rollout: Rollout, change: Change): Promise<StrategyRecord> {
    const { state, ...rest } = rollout;
    const version = 'version' in rest ? rest.version : null;
    const percent = 'percent' in rest ? { percent: rest.percent } : {};
    return this.change(name, change, {
      action: 'rolled-out', version, apply: (record) => withRollout(record, rollout),
      details: (before) => ({ state, ...percent, was: placesOf(before) }),
    });
  }

  /**
   * Activates the previous active version, unless the strategy was switched off since. Throws `strategy.missing`,
   * `strategy.nothing-before`.
   */
  rollBack(name: string, change: Change): Promise<StrategyRecord> {
    return this.change(name, change, {
      action: 'rolled-back', version: null, apply: withRollback, details: (before) => ({ was: placesOf(before) }),
    });
  }

  /** Takes a version out of service for good. A retired version stays unchanged. */
  async retire(name: string, version: string, reason: string, change: Change): Promise<StrategyRecord> {
    const record = await this.find(name, [version]);
    if (stateOf(record, version) === 'retired') return record;
    return this.change(name, change, {
      action: 'retired', version, apply: (current) => withRetired(current, version, reason),
      details: (before, after) => ({ reason, was: placesOf(before), now: placesOf(after) }),
    });
  }

  /**
   * Deletes a version that was never active, in canary or in shadow. Throws `strategy.missing`,
   * `strategy.version-used`, `strategy.changed`.
   */
  async remove(name: string, version: string, change: Change): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const record = await this.store.find(name, [version]);
      if (await this.isDone(name, change)) return;
      const known = [...(record?.versions ?? []), ...(record?.unreadable ?? [])].some((each) => each.version === version);
      if (!record || !known) throw StrategyFailure.missing(name, version);
      const { ifRevision } = change;
      if (ifRevision !== undefined && record.revision !== ifRevision) throw StrategyFailure.changed(name, record.revision);
      if (versionsInForce(record).includes(version)) throw StrategyFailure.versionUsed(name, version);
      const sha256 = record.versions.find((each) => each.version === version)?.sha256;
      const entry = this.entry(change, { action: 'deleted', name, version, details: sha256 === undefined ? {} : { sha256 } });
      try {
        return await this.store.remove(name, version, record.revision, entry);
      } catch (thrown) {
        if (!StrategyFailure.changed.is(thrown) || attempt >= ATTEMPTS_MAX) throw thrown;
      }
    }
  }

  /** Like `find` of the store, but throws `strategy.missing`. */
  async find(name: string, wanted?: WantedVersions): Promise<StrategyRecord> {
    const record = await this.store.find(name, wanted);
    if (!record) throw StrategyFailure.missing(name);
    return record;
  }

  /** Stores a version as a draft, once. */
  protected async add(stored: StoredVersion, change: Change): Promise<Loaded> {
    const added = versionWithoutBytes(stored);
    const { version, sha256, use, meta: { name } } = added;
    const details = { sha256, ...(use === undefined ? {} : { use }) };
    for (let attempt = 1; ; attempt += 1) {
      const { record, outcome } = withVersion(await this.store.find(name, [version]), added);
      if (outcome === 'unchanged') {
        const isOurs = await this.isDone(name, change);
        return { record, version: versionOf(record, version), outcome: isOurs ? 'added' : outcome };
      }
      try {
        const saved = await this.store.save(record, this.entry(change, { action: 'added', name, version, details }), [stored]);
        return { record: saved, version: added, outcome };
      } catch (thrown) {
        if (!StrategyFailure.changed.is(thrown) || attempt >= ATTEMPTS_MAX) throw thrown;
      }
    }
  }

  protected async change(name: string, change: Change, { action, version, apply, details }: WantedChange): Promise<StrategyRecord> {
    for (let attempt = 1; ; attempt += 1) {
      const wanted = version === null ? [] : [version];
      const record = await this.find(name, wanted);
      // Check after reading the record: a copy of this command that commits in between fails the save, or is seen here.
      if (await this.isDone(name, change)) return this.find(name, wanted);
      const { ifRevision } = change;
      if (ifRevision !== undefined && record.revision !== ifRevision) throw StrategyFailure.changed(name, record.revision);
      const changed = apply(record);
      const entry = this.entry(change, {
        action, name, version: version ?? changed.active ?? null, details: details?.(record, changed) ?? {},
      });
      try {
        return await this.store.save(changed, entry);
      } catch (thrown) {
        if (!StrategyFailure.changed.is(thrown) || attempt >= ATTEMPTS_MAX) throw thrown;
      }
    }
  }

  protected entry({ by, id = uuidv7(this.runtime) }: Change, what: Omit<AuditEntry, 'id' | 'atMs' | 'by'>): AuditEntry {
    return { id, atMs: this.runtime.clock.nowMs(), by, ...what };
  }

  private async isDone(name: string, { id }: Change): Promise<boolean> {
    return id !== undefined && this.store.knows(name, id);
  }
}

interface WantedChange {
  readonly action: AuditEntry['action'];
  /** The version that changes; null stands for the version that becomes active, if any. */
  readonly version: string | null;
  apply(record: StrategyRecord): StrategyRecord;
  details?(before: StrategyRecord, after: StrategyRecord): AuditEntry['details'];
}

/** A version that configures a built-in, as a draft. Throws `pricing.rules`, which names every fault. */
export function builtInRecord({ use, ...config }: BuiltInSetup, createdAtMs: number, createdBy: string): BuiltInRecord {
  const texts = Object.entries({ use, ...config }).flatMap(([field, value]) => jsonProblems(value, field));
  if (texts.length > 0) throw PricingFailure.rules(texts);
  const { meta, sha256 } = builtIn(use as BuiltInName, config);
  // The caller gave these fields without the prefix.
  const problems = metaProblems(meta, 'meta').map((problem) => problem.slice('meta.'.length));
  if (problems.length === 0) problems.push(...currencyProblems(meta, use), ...reachProblems(meta));
  if (problems.length > 0) throw PricingFailure.rules(problems);
  return { version: meta.version, sha256, use, meta, createdAtMs, createdBy, validated: false };
}

/** The places of a strategy's versions, for its audit. */
function placesOf({ active, canary, shadow }: StrategyRecord): Json {
  return {
    ...(active === undefined ? {} : { active }),
    ...(canary === undefined ? {} : { canary: { ...canary } }),
    ...(shadow === undefined ? {} : { shadow }),
  };
}
