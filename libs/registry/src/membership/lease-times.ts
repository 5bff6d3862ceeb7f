/** The length of a node's lease, and the margin before others act on its end. */
export interface LeaseTimes {
  /** Same on every node. A shorter lease detects dead nodes sooner; a longer one tolerates longer pauses. */
  readonly leaseMs: number;
  /** Covers the difference between two processes' monotonic clocks over one lease. */
  readonly marginMs: number;
}

/** The default: a killed node is replaced within 2 s, and pauses of a second are tolerated. */
export const DEFAULT_LEASE: LeaseTimes = { leaseMs: 1_500, marginMs: 250 };
