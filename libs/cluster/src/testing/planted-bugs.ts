// Bugs that the simulator must find, as adapters around the dependencies of production code. Each removes one guard of the
// protocol.
import type { ActorHistory, CommitAnswer, JournalStorage } from '@aisle/journal';
import { MemoryJournal, type MemoryJournalOptions } from '@aisle/journal/testing';
import type { NodeRow } from '@aisle/registry/membership';
import type { Runtime } from '@aisle/std';
import { sleep } from '@aisle/std';
import type { ClusterStorage } from '../storage/cluster-storage.ts';

type Refused = ReturnType<MemoryJournal['refusal']>;

/** Replacements for parts of a simulated cluster. */
export interface Adapters {
  readonly memory?: (runtime: Runtime, options: MemoryJournalOptions) => MemoryJournal;
  /** Wrap a process's access to the journal, and to the cluster tables. */
  readonly journal?: (storage: JournalStorage, runtime: Runtime) => JournalStorage;
  readonly cluster?: (storage: ClusterStorage) => ClusterStorage;
  readonly mayRead?: (honest: () => boolean) => () => boolean;
  /** Loads actors while rows of their earlier life may still be written. */
  readonly isImpatient?: boolean;
}

/** A bug. `fromSeed` skips seeds that are known not to catch it, since trying them takes long. */
export interface PlantedBug extends Adapters {
  readonly fromSeed?: number;
}

/**
 * Only an impatient loader reaches the same number twice, and rarely. So the key is tested with one, and the control runs with
 * one.
 */
const IMPATIENT_FROM_SEED = 91;

/** The bugs by name. */
export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  'no fence': { memory: without('fenced') },
  'no key on seq': { memory: without('conflict'), isImpatient: true, fromSeed: IMPATIENT_FROM_SEED },
  'no deduplication': { memory: without('duplicate') },
  'early acknowledgement': { journal: acknowledgingEarly },
  'reads without lease check': { mayRead: () => () => true },
  'load before claim': { journal: loadingBeforeClaiming },
  'rows parted from their actor': { journal: partingRows },
  'a forced claim that does not wait': { cluster: declaringDeadAtOnce, fromSeed: 651 },
};

/** The control: with every guard in place an impatient loader is harmless, because the key refuses its rows. */
export const impatient: PlantedBug = { isImpatient: true, fromSeed: IMPATIENT_FROM_SEED };

function without(reason: NonNullable<Refused>['reason']): NonNullable<Adapters['memory']> {
  return (runtime, options) =>
    new (class extends MemoryJournal {
      protected override refusal(...row: Parameters<MemoryJournal['refusal']>): Refused {
        const refusal = super.refusal(...row);
        return refusal?.reason === reason ? undefined : refusal;
      }
    })(runtime, options);
}

function acknowledgingEarly(storage: JournalStorage): JournalStorage {
  return {
    ...storage,
    commit(lane, rows) {
      void storage.commit(lane, rows);
      return Promise.resolve({ kind: 'answered', refusals: [] });
    },
  };
}

/** Writes all other rows of a batch with an unstorable row, also those that follow it. */
function partingRows(storage: JournalStorage): JournalStorage {
  return {
    ...storage,
    async commit(lane, rows) {
      const whole = await storage.commit(lane, rows);
      if (whole.kind !== 'unstorable' || rows.length === 1) return whole;
      const refusals: Extract<CommitAnswer, { kind: 'answered' }>['refusals'][number][] = [];
      for (const [index, row] of rows.entries()) {
        const answer = await storage.commit(lane, [row]);
        if (answer.kind === 'answered') refusals.push(...answer.refusals.map((refusal) => ({ ...refusal, index })));
        else if (answer.kind === 'unstorable') refusals.push({ index, reason: 'sibling' });
        else return answer;
      }
      return { kind: 'answered', refusals };
    },
  };
}

/** Reads the rows of a shard before the claim, while the old owner may still write. */
function loadingBeforeClaiming(storage: JournalStorage, runtime: Runtime): JournalStorage {
  const early = new Map<string, ActorHistory>();
  return {
    ...storage,
    async claim(shard, expectedEpoch, token) {
      const keys = CART_NAMES.map((actor) => ({ shard, actor }));
      for (const history of await storage.load(keys)) early.set(`${shard}/${history.actor}`, history);
      await sleep(runtime, 20);
      return storage.claim(shard, expectedEpoch, token);
    },
    async load(requests) {
      const late = await storage.load(requests);
      return late.map((history) => {
        const key = `${history.shard}/${history.actor}`;
        const found = early.get(key);
        early.delete(key);
        return found ?? history;
      });
    },
  };
}

/** Treats a node that has not renewed across five views as gone. */
function declaringDeadAtOnce(storage: ClusterStorage): ClusterStorage {
  const seen = new Map<string, { beat: string; looks: number }>();
  const isFresh = ({ incarnation, beat }: NodeRow): boolean => {
    const before = seen.get(incarnation);
    const looks = before?.beat === beat ? before.looks + 1 : 0;
    seen.set(incarnation, { beat, looks });
    return looks < 5;
  };
  return {
    beat: (node) => storage.beat(node),
    remove: (incarnation) => storage.remove(incarnation),
    bury: (node) => storage.bury(node),
    place: (seenVersion, targets) => storage.place(seenVersion, targets),
    async view() {
      const view = await storage.view();
      return { ...view, nodes: view.nodes.filter(isFresh) };
    },
  };
}

/** The actor keys of the carts of every simulation. */
export const CART_NAMES = ['default/m1/a', 'default/m1/b', 'default/m1/c', 'default/m1/d'];

