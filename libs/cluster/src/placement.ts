import type { Member } from './membership.ts';

/**
 * The owner of each shard, by rendezvous hashing (Thaler and Ravishankar, 1998): every observer of
 * the same members computes the same owners, and a member that comes or goes moves only its own
 * share. Empty when there are no members.
 */
export function placeShards(members: readonly Member[], shards: number): readonly Member[] {
  if (members.length === 0) return [];
  return Array.from({ length: shards }, (_, shard) => ownerOf(shard, members));
}

function ownerOf(shard: number, members: readonly Member[]): Member {
  return members.reduce((best, member) =>
    weight(shard, member.incarnation) > weight(shard, best.incarnation) ? member : best,
  );
}

function weight(shard: number, incarnation: string): number {
  let hash = 0x811c9dc5 ^ Math.imul(shard + 1, 0x9e3779b1);
  for (let index = 0; index < incarnation.length; index += 1) {
    hash = Math.imul(hash ^ incarnation.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
