import { eventually } from '@aisle/std/testing';
import { referenceSetups } from '../reference-rules.ts';
import { sha256 } from '../sha256.ts';
import { builtInRecord } from '../lifecycle/strategy-rollout.ts';
import type { AuditEntry, ScriptRecord, StrategyRecord } from '../lifecycle/strategy-record.ts';
import { versionWithoutBytes, withAllVersions, type StrategyStore, type WantedVersions } from '../lifecycle/strategy-store.ts';

/** The contract of every `StrategyStore`; run it against each. `open` makes an empty one. */
export function strategyStoreContract(open: () => Promise<StrategyStore>): void {
  let store: StrategyStore;
  beforeEach(async () => {
    store = await open();
  });

  it('begins empty, at revision 0', async () => {
    expect(await store.read()).toEqual({ revision: 0, strategies: [] });
    expect(await store.readAt(0)).toEqual({ revision: 0, strategies: [] });
    expect(await store.list()).toEqual({ revision: 0, strategies: [] });
    expect(await store.find('tea')).toBeUndefined();
    expect(await store.audit('tea', 10)).toEqual([]);
  });

  it('returns the stored strategies, under their revision', async () => {
    const record: StrategyRecord = {
      ...recordOf('tea'), active: '1', before: ['0'], canary: { version: '2', percent: 12.5 }, shadow: '3',
    };

    const saved = await store.save(record, entryOf('tea'), scriptsOf('tea'));

    expect(saved).toEqual({ ...record, revision: 1 });
    expect(await store.find('tea')).toEqual(saved);
    expect(await store.read()).toEqual({ revision: 1, strategies: [withAllVersions(saved, scriptsOf('tea'), [])] });
  });

  it('returns a configured built-in, which has no bytes', async () => {
    const stored = builtInRecord(referenceSetups()[1]!, 1_700_000_000_000, 'ann');
    const { name, kind } = stored.meta;
    const record: StrategyRecord = { name, kind, revision: 0, versions: [stored], before: [], active: stored.version };

    await store.save(record, entryOf(name), [stored]);

    expect(await store.version(name, stored.version)).toEqual(stored);
    expect((await store.read()).strategies).toEqual([{ ...record, revision: 1 }]);
  });

  it('lists every strategy without its bytes', async () => {
    await store.save({ ...recordOf('tea'), active: '1', before: ['0'] }, entryOf('tea'), scriptsOf('tea'));
    await store.save(recordOf('milk'), entryOf('milk'), scriptsOf('milk'));

    const { revision, strategies } = await store.list();

    expect(revision).toBe(2);
    const byName = new Map(strategies.map((record) => [record.name, record]));
    expect(byName.get('tea')).toEqual(await store.find('tea'));
    expect(byName.get('milk')).toEqual(await store.find('milk'));
  });

  it('returns the bytes of the requested version', async () => {
    const saved = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));
    await store.save({ ...saved, active: '1' }, entryOf('tea'));

    expect(await store.version('tea', '2')).toEqual(scriptOf('tea', '2'));
    expect([await store.version('tea', '9'), await store.version('milk', '2')]).toEqual([undefined, undefined]);
  });

  it('returns the versions that are or were in force, and the wanted ones', async () => {
    const saved = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));
    await store.save({ ...saved, active: '2', before: ['0'] }, entryOf('tea'));
    const versions = async (wanted?: WantedVersions) =>
      (await store.find('tea', wanted))?.versions.map(({ version }) => version);

    expect(await versions()).toEqual(['0', '2']);
    expect(await versions(['3', '9'])).toEqual(['0', '2', '3']);
    expect(await versions('all')).toEqual(['0', '1', '2', '3']);
  });

  it('deletes a version that was never in force, and the strategy with its last one', async () => {
    const saved = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));
    await store.save(recordOf('milk'), entryOf('milk'), scriptsOf('milk'));
    const removing = async (version: string): Promise<void> =>
      store.remove('tea', version, (await store.find('tea'))?.revision ?? 0, { ...entryOf('tea'), action: 'deleted', version });

    await removing('0');
    expect((await store.find('tea', 'all'))?.versions.map(({ version }) => version)).toEqual(['1', '2', '3']);
    expect((await store.find('tea'))?.revision).toBe(saved.revision + 2);
    for (const version of ['1', '2', '3']) await removing(version);

    expect([await store.find('tea'), await store.version('tea', '1')]).toEqual([undefined, undefined]);
    expect((await store.list()).strategies.map(({ name }) => name)).toEqual(['milk']);
    expect((await store.read()).strategies.map(({ name }) => name)).toEqual(['milk']);
    expect(await store.readAt(saved.revision)).toMatchObject({ revision: saved.revision });
    expect((await store.audit('tea', 1))[0]).toMatchObject({ action: 'deleted', version: '3' });
    expect(await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'))).toMatchObject({ name: 'tea', before: [] });
  });

  it.each<{ place: string; pointers: Partial<StrategyRecord> }>([
    { place: 'active', pointers: { active: '1' } }, { place: 'canary', pointers: { canary: { version: '1', percent: 5 } } },
    { place: 'shadow', pointers: { shadow: '1' } }, { place: 'before', pointers: { active: '2', before: ['1'] } },
  ])('keeps a version that is $place, also once it is off', async ({ pointers }) => {
    const made = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));
    const { active: _active, canary: _canary, shadow: _shadow, ...rest } = await store.save({ ...made, ...pointers }, entryOf('tea'));
    const used = { kind: 'conflict', code: 'strategy.version-used' };
    await expect(store.remove('tea', '1', rest.revision, entryOf('tea'))).rejects.toMatchObject(used);

    const off = await store.save({ ...rest, before: [] }, entryOf('tea'));

    await expect(store.remove('tea', '1', off.revision, entryOf('tea'))).rejects.toMatchObject(used);
    expect((await store.find('tea', 'all'))?.versions).toHaveLength(4);
    await store.remove('tea', '3', off.revision, entryOf('tea'));
  });

  it('deletes a version that has the name of a place', async () => {
    const versions = ['1', 'active', 'before'].map((version) => scriptOf('tea', version));
    const made = { ...recordOf('tea'), versions: versions.map(versionWithoutBytes), active: '1' };
    const { revision } = await store.save(made, entryOf('tea'), versions);

    await store.remove('tea', 'active', revision, entryOf('tea'));

    expect((await store.find('tea', 'all'))?.versions.map(({ version }) => version)).toEqual(['1', 'before']);
  });

  it('deletes nothing at another revision, and no missing version', async () => {
    const { revision } = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));

    await expect(store.remove('tea', '1', revision - 1, entryOf('tea'))).rejects.toMatchObject({ code: 'strategy.changed' });
    await expect(store.remove('tea', '9', revision, entryOf('tea'))).rejects.toMatchObject({ code: 'strategy.missing' });

    expect(await store.find('tea', 'all')).toMatchObject({ revision, versions: { length: 4 } });
  });

  it('keeps versions that a record does not mention', async () => {
    const { versions: [first, ...others], ...saved } = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));

    await store.save({ ...saved, versions: [{ ...first!, validated: false }] }, entryOf('tea'));

    expect((await store.find('tea', 'all'))?.versions).toEqual([{ ...first, validated: false }, ...others]);
  });

  it('counts every change of any strategy', async () => {
    const tea = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));
    const milk = await store.save(recordOf('milk'), entryOf('milk'), scriptsOf('milk'));

    const again = await store.save({ ...tea, active: '1' }, entryOf('tea'));

    expect([tea.revision, milk.revision, again.revision, (await store.read()).revision]).toEqual([1, 2, 3, 3]);
  });

  it('keeps the rules of each revision for good', async () => {
    const inForce = async (revision: number) => {
      const { strategies } = await store.readAt(revision);
      return Object.fromEntries(strategies.map(({ name, active, before, versions }) => [
        name, { active, before, usable: versions.filter(({ version, retired }) => before.includes(version) && !retired).map(({ version }) => version) },
      ]));
    };
    const added = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));
    const active = await store.save({ ...added, active: '2', before: ['1'] }, entryOf('tea'));
    await store.save(recordOf('milk'), entryOf('milk'), scriptsOf('milk'));
    const versions = active.versions.map((each) => (each.version === '1' ? { ...each, retired: 'threw an error' } : each));
    const retired = await store.save({ ...active, versions }, entryOf('tea'));
    const present = await store.read();
    const { active: _active, ...off } = retired;
    await store.save({ ...off, before: [] }, entryOf('tea'));

    const nothing = { active: undefined, before: [], usable: [] };
    expect(await inForce(1)).toEqual({ tea: nothing });
    expect(await inForce(2)).toEqual({ tea: { active: '2', before: ['1'], usable: ['1'] } });
    expect(await inForce(4)).toEqual({ tea: { active: '2', before: ['1'], usable: [] }, milk: nothing });
    expect(await inForce(5)).toEqual({ tea: nothing, milk: nothing });
    const bytes = ({ strategies }: typeof present) =>
      strategies.find(({ name }) => name === 'tea')!.versions.find(({ version }) => version === '2');
    expect(bytes(await store.readAt(4))).toEqual(bytes(present));
  });

  it.each([-1, 1, 0.5, NaN])('refuses revision %d before it exists', async (revision) => {
    await expect(store.readAt(revision)).rejects.toMatchObject({ kind: 'missing', code: 'strategy.revision-unknown' });
  });

  it('refuses a change of an outdated record, and stores no entry', async () => {
    await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));

    await expect(store.save(recordOf('tea'), entryOf('tea', 'rolled-out'), scriptsOf('tea'))).rejects.toMatchObject({
      kind: 'precondition', code: 'strategy.changed', details: { name: 'tea', revision: 1 },
    });
    expect(await store.audit('tea', 10)).toEqual([entryOf('tea')]);
  });

  it('lets one of several writers win', async () => {
    const { revision } = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));

    const writes = Array.from({ length: 5 }, (_, at) =>
      store.save({ ...recordOf('tea'), revision, active: String(at) }, entryOf('tea')));
    const outcomes = await Promise.allSettled(writes);

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('returns the audit of one strategy, latest first', async () => {
    const saved = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));
    await store.note(entryOf('milk'));
    await store.note(entryOf('tea', 'refused'));
    await store.save({ ...saved, active: '1' }, entryOf('tea', 'rolled-out'));

    const actions = (await store.audit('tea', 2)).map(({ action }) => action);

    expect(actions).toEqual(['rolled-out', 'refused']);
  });

  it('knows the ids of a strategy’s audit entries', async () => {
    const entry = entryOf('tea');
    await store.save(recordOf('tea'), entry, scriptsOf('tea'));

    expect([await store.knows('tea', entry.id), await store.knows('milk', entry.id), await store.knows('tea', 'x')])
      .toEqual([true, false, false]);
  });

  it('tells watchers of a change until they stop', async () => {
    let changes = 0;
    const stop = store.watch(() => { changes += 1; });

    const saved = await store.save(recordOf('tea'), entryOf('tea'), scriptsOf('tea'));
    await eventually(() => changes > 0);
    stop();
    const before = changes;
    await store.save(saved, entryOf('tea'));

    expect(changes).toBe(before);
  });
}

function recordOf(name: string): StrategyRecord {
  return { name, kind: 'line', revision: 0, versions: scriptsOf(name).map(versionWithoutBytes), before: [] };
}

function scriptsOf(name: string): ScriptRecord[] {
  return ['0', '1', '2', '3'].map((version) => scriptOf(name, version));
}

function scriptOf(name: string, version: string): ScriptRecord {
  const source = `export default ${name} ${version};`;
  return {
    version, sha256: sha256(source), source, code: `var strategy = '${name}';`, createdAtMs: 1_700_000_000_000,
    createdBy: 'ann', validated: version !== '3', ...(version === '0' ? { retired: 'threw an error' } : {}),
    meta: {
      contract: 1, name, version, kind: 'line', title: 'Tea', scope: { skus: ['GR1'] }, priority: 1.5,
      stack: 'stack', params: { off: 1 }, tests: [],
    },
  };
}

function entryOf(name: string, action: AuditEntry['action'] = 'added'): AuditEntry {
  return { id: `${name} ${action}`, atMs: 1_700_000_000_000, by: 'ann', name, action, version: '1', details: { why: ['because'] } };
}
