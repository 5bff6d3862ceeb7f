import type { Ref } from '@aisle/supervision';

/**
 * Stages that do the same work and whose number changes. A subscription to a group covers every member, present and
 * later, as long as each lives.
 */
export class StageGroup {
  private readonly members = new Set<Ref>();
  private readonly followers = new Map<Ref, (member: Ref) => void>();

  /** The number of living members. */
  get size(): number {
    return this.members.size;
  }

  /** @internal A member is removed at the instant it ends. */
  join(member: Ref): void {
    this.members.add(member);
    member.watch({ onDown: () => this.members.delete(member) });
    for (const onMember of this.followers.values()) onMember(member);
  }

  /** @internal Reports every member, now and later, until the follower ends. */
  follow(follower: Ref, onMember: (member: Ref) => void): void {
    this.followers.set(follower, onMember);
    follower.watch({ onDown: () => this.followers.delete(follower) });
    for (const member of this.members) onMember(member);
  }
}
