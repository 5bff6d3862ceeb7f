import type { Ref } from '@aisle/supervision';

/**
 * Stages that do the same thing and whose number changes. Who subscribes to a group is subscribed to every
 * member, to those of now and to those that join it later, as long as each lives.
 */
export class StageGroup {
  private readonly members = new Set<Ref>();
  private readonly followers = new Map<Ref, (member: Ref) => void>();

  /** How many members live. */
  get size(): number {
    return this.members.size;
  }

  /** @internal A member leaves in the instant it ends. */
  join(member: Ref): void {
    this.members.add(member);
    member.watch({ onDown: () => this.members.delete(member) });
    for (const hear of this.followers.values()) hear(member);
  }

  /** @internal Tells of every member, now and later, until the follower ends. */
  follow(follower: Ref, hear: (member: Ref) => void): void {
    this.followers.set(follower, hear);
    follower.watch({ onDown: () => this.followers.delete(follower) });
    for (const member of this.members) hear(member);
  }
}
