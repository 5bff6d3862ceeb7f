import { uuidv7, type Runtime } from '@aisle/std';
import { validate } from './validate.ts';
import { StrategyChanged, StrategyMissing } from './failures.ts';
import {
  stateOf, versionOf, withRetired, withRollback, withRollout, withValidated, withVersion,
} from './strategy-record.ts';
import type { Json } from '../strategy.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { AuditEntry, Rollout, ScriptRecord, StrategyRecord, VersionRecord } from './strategy-record.ts';
import { versionWithoutBytes, type StrategyStore, type WantedVersions } from './strategy-store.ts';
import type { Validation } from './validate.ts';

/** What the desk works with. */
export interface StrategyDeskOptions {
  readonly store: StrategyStore;
  readonly sandbox: Pick<Sandbox, 'read' | 'try' | 'admit'>;
  readonly runtime: Runtime;
}

/** Who changes something, and which revision of the strategy they have seen, if they care. */
export interface Change {
  readonly by: string;
  /** The same id is the same change, and is made once; without it, every call is another one. */
  readonly id?: string;
  readonly ifRevision?: number;
}

const ATTEMPTS_MAX = 4;

/** Every way in which a strategy changes. Each is one change of the store, with its audit entry. */
export class StrategyDesk {
  private readonly store: StrategyStore;
  private readonly sandbox: StrategyDeskOptions['sandbox'];
  private readonly runtime: Runtime;

  constructor({ store, sandbox, runtime }: StrategyDeskOptions) {
    this.store = store;
    this.sandbox = sandbox;
    this.runtime = runtime;
  }

  /**
   * Takes a source in as a draft; the same source again is `unchanged`. Throws `strategy.source`,
   * `pricing.rules`, `strategy.version-taken` for a known version with other bytes, and `sandbox.busy`.
   */
  async load(
    source: string, change: Change,
  ): Promise<{ record: StrategyRecord; version: VersionRecord; outcome: 'added' | 'unchanged' }> {
    const { sha256, code, meta } = await this.sandbox.admit(() => this.sandbox.read(source));
    const { name, version } = meta;
    const script: ScriptRecord = {
      version, sha256, source, code, meta,
      createdAtMs: this.runtime.clock.nowMs(), createdBy: change.by, validated: false,
    };
    const added = versionWithoutBytes(script);
    for (let attempt = 1; ; attempt += 1) {
      const { record, outcome } = withVersion(await this.store.find(name, [version]), added);
      if (outcome === 'unchanged') {
        const isOurs = await this.isDone(name, change);
        return { record, version: versionOf(record, version), outcome: isOurs ? 'added' : outcome };
      }
      try {
        const saved = await this.store.save(record, this.entry(change, 'added', name, version, { sha256 }), [script]);
        return { record: saved, version: added, outcome };
      } catch (thrown) {
        if (!isRace(thrown) || attempt >= ATTEMPTS_MAX) throw thrown;
      }
    }
  }

  /** What validating a source would find; nothing of it is kept. Throws `strategy.source`, `pricing.rules`, `sandbox.busy`. */
  async check(source: string): Promise<Validation & Pick<ScriptRecord, 'meta'>> {
    return this.sandbox.admit(async () => {
      const script = await this.sandbox.read(source);
      return { meta: script.meta, ...await validate(this.sandbox, script) };
    });
  }

  /** Runs the version's tests and its budget. Passing makes it `validated`. Throws `strategy.missing`, `sandbox.busy`. */
  async validate(name: string, version: string, change: Change): Promise<Validation> {
    const found = await this.store.script(name, version);
    if (!found) throw new StrategyMissing(name, version);
    const validation = await this.sandbox.admit(() => validate(this.sandbox, found));
    if (!validation.passed) {
      await this.store.note(this.entry(change, 'refused', name, version, { problems: validation.problems }));
    } else if (!found.validated) {
      await this.change(name, change, 'validated', (record) => withValidated(record, version), version);
    }
    return validation;
  }

  /**
   * Puts a version in force, into the shadow or before a part of the baskets, or takes the strategy
   * out of force. Throws `strategy.missing`, `strategy.not-ready`, `strategy.changed`.
   */
  rollOut(name: string, rollout: Rollout, change: Change): Promise<StrategyRecord> {
    const { state, ...rest } = rollout;
    const version = 'version' in rest ? rest.version : null;
    return this.change(name, change, 'rolled-out', (record) => withRollout(record, rollout), version, { ...rest, state });
  }

  /** What was active before is active. Throws `strategy.missing`, `strategy.nothing-before`. */
  rollBack(name: string, change: Change): Promise<StrategyRecord> {
    return this.change(name, change, 'rolled-back', withRollback, null);
  }

  /** Takes a version out of service for good; one that is retired already stays as it is. */
  async retire(name: string, version: string, reason: string, change: Change): Promise<StrategyRecord> {
    const record = await this.find(name, [version]);
    if (stateOf(record, version) === 'retired') return record;
    return this.change(name, change, 'retired', (current) => withRetired(current, version, reason), version, { reason });
  }

  /** As the store does; throws `strategy.missing`. */
  async find(name: string, wanted?: WantedVersions): Promise<StrategyRecord> {
    const record = await this.store.find(name, wanted);
    if (!record) throw new StrategyMissing(name);
    return record;
  }

  private async change(
    name: string,
    change: Change,
    action: AuditEntry['action'],
    apply: (record: StrategyRecord) => StrategyRecord,
    version: string | null,
    details: AuditEntry['details'] = {},
  ): Promise<StrategyRecord> {
    for (let attempt = 1; ; attempt += 1) {
      const record = await this.find(name, version === null ? [] : [version]);
      if (await this.isDone(name, change)) return record;
      const { ifRevision } = change;
      if (ifRevision !== undefined && record.revision !== ifRevision) {
        throw new StrategyChanged(name, record.revision);
      }
      const changed = apply(record);
      try {
        return await this.store.save(changed, this.entry(change, action, name, version ?? changed.active ?? null, details));
      } catch (thrown) {
        if (!isRace(thrown) || attempt >= ATTEMPTS_MAX) throw thrown;
      }
    }
  }

  private async isDone(name: string, { id }: Change): Promise<boolean> {
    return id !== undefined && this.store.knows(name, id);
  }

  private entry(
    { by, id = uuidv7(this.runtime) }: Change, action: AuditEntry['action'], name: string, version: string | null,
    details: Readonly<Record<string, Json>>,
  ): AuditEntry {
    return { id, atMs: this.runtime.clock.nowMs(), by, name, action, version, details };
  }
}

function isRace(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | undefined)?.code === 'strategy.changed';
}
