import type { JournalStorage } from '../journal-storage.ts';

/** The fault of one commit, as its node sees it. */
export type CommitFault = 'failed' | 'unknown, written' | 'unknown, not written';

/** A storage whose commits fail as `nextFault` says; undefined lets one through. */
export function faultyStorage(
  storage: JournalStorage, nextFault: () => CommitFault | undefined,
): JournalStorage {
  return {
    ...storage,
    commit: async (lane, rows) => {
      const fault = nextFault();
      if (fault === undefined) return storage.commit(lane, rows);
      const reason = 'injected';
      // Either way it takes the time of a call.
      await (fault === 'unknown, written' ? storage.commit(lane, rows) : storage.owners([]));
      return { kind: fault === 'failed' ? 'failed' : 'unknown', reason };
    },
  };
}
