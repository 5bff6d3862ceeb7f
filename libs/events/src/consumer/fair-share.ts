import type { LeaseView, TopicPartition } from './checkpoint.repository.ts';

/** The claims and releases by which a process gets its share. */
export interface ShareChange {
  readonly claim: readonly TopicPartition[];
  readonly release: readonly TopicPartition[];
}

/**
 * The change that brings a process to its share of a consumer's partitions: their number divided by the number of
 * living processes, rounded up. It claims free partitions up to its share, and releases surplus ones. `start` rotates
 * the list of free partitions, so that processes that check at the same moment do not all claim the same one.
 */
export function fairShare({ places, members }: Pick<LeaseView, 'places' | 'members'>, self: string, start: number): ShareChange {
  const share = Math.ceil(places.length / Math.max(1, members));
  const own = places.filter(({ owner }) => owner === self);
  const free = places.filter(({ owner }) => owner === null);
  const turn = free.length === 0 ? 0 : start % free.length;
  return {
    claim: [...free.slice(turn), ...free.slice(0, turn)].slice(0, Math.max(0, share - own.length)),
    release: own.slice(share),
  };
}
