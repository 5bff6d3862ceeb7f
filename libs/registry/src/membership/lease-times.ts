/** How long a node is believed without a word, and how much longer before anybody acts on it. */
export interface LeaseTimes {
  /** Same on every node. Shorter finds the dead sooner, longer forgives more pauses. */
  readonly leaseMs: number;
  /** Covers the difference between two processes' monotonic clocks over one lease. */
  readonly marginMs: number;
}

/** A node that was killed is replaced within 2 s; pauses of a second are forgiven. */
export const DEFAULT_LEASE: LeaseTimes = { leaseMs: 1_500, marginMs: 250 };
