import type { LeaseView, TopicPartition } from './checkpoint.repository.ts';

/** What a process has to do for its share. */
export interface ShareChange {
  readonly claim: readonly TopicPartition[];
  readonly release: readonly TopicPartition[];
}

/**
 * The change that brings a process to its share of a consumer's partitions, which is their number by that of the
 * living processes, rounded up: it claims what is free up to it, and gives up what it has beyond it. `start` turns the
 * list of what is free, so that processes that look at the same moment don't all reach for the same one.
 */
export function fairShare({ places, members }: LeaseView, self: string, start: number): ShareChange {
  const share = Math.ceil(places.length / Math.max(1, members));
  const own = places.filter(({ owner }) => owner === self);
  const free = places.filter(({ owner }) => owner === null);
  const turn = free.length === 0 ? 0 : start % free.length;
  return {
    claim: [...free.slice(turn), ...free.slice(0, turn)].slice(0, Math.max(0, share - own.length)),
    release: own.slice(share),
  };
}
