// Bugs that the simulator has to find, as adapters around what production code is given. Each takes one of the
// protocol's guards away.
import type { ActorHistory, CommitAnswer, JournalStorage } from '@aisle/journal';
import { MemoryJournal, type MemoryJournalOptions } from '@aisle/journal/testing';
import type { NodeRow } from '@aisle/registry/membership';
import type { Runtime } from '@aisle/std';
import { sleep } from '@aisle/std';
import type { ClusterStorage } from '../storage/cluster-storage.ts';

type Refused = ReturnType<MemoryJournal['refusal']>;

/** Where a simulated cluster lets its parts be replaced. */
export interface Adapters {
  readonly memory?: (runtime: Runtime, options: MemoryJournalOptions) => MemoryJournal;
  /** A process's own way to the journal, and to the cluster tables. */
  readonly journal?: (storage: JournalStorage, runtime: Runtime) => JournalStorage;
  readonly cluster?: (storage: ClusterStorage) => ClusterStorage;
  readonly mayRead?: (honest: () => boolean) => () => boolean;
  /** Actors are loaded while rows of an earlier life are under way. */
  readonly isImpatient?: boolean;
}

/** A bug, and from which seed on it is looked for: the seeds before have been tried, and are long. */
export interface PlantedBug extends Adapters {
  readonly fromSeed?: number;
}

/** Only an impatient loader comes to the same number twice, and seldom: so the key is tried with one, and so is the control. */
const IMPATIENT_FROM_SEED = 601;

/** The bugs by name. */
export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  'no fence': { memory: without('fenced') },
  'no key on seq': { memory: without('conflict'), isImpatient: true, fromSeed: IMPATIENT_FROM_SEED },
  'no deduplication': { memory: without('duplicate') },
  'early acknowledgement': { journal: acknowledgingEarly },
  'reads without lease check': { mayRead: () => () => true },
  'load before claim': { journal: loadingBeforeClaiming },
  'rows parted from their actor': { journal: partingRows },
  'a forced claim that does not wait': { cluster: declaringDeadAtOnce, fromSeed: 541 },
};

/** With every guard in place an impatient loader does no harm: it is the key that catches it. */
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

/** Of a batch with an unstorable row each other row is written, also behind that row. */
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

/** What a claim will own is read while the old owner may still write. */
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

/** Who has not renewed between two looks counts as gone. */
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

/** The carts of every simulation, by their actor keys. */
export const CART_NAMES = ['default/m1/a', 'default/m1/b', 'default/m1/c', 'default/m1/d'];

