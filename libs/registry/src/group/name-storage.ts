import type { NodeRow, NodeStorage } from '../membership/node-storage.ts';
import type { NodesView } from '../membership/watch.ts';

/** Who has a name, and what it stands for. */
export interface NameHolder<V = unknown> {
  readonly key: string;
  /** The process of the group that holds it: one start of it. */
  readonly incarnation: string;
  /** The broker queue of that process. */
  readonly queue: string;
  /** What was registered with it: JSON. */
  readonly value: V;
}

/** One registration of a name. */
export interface NameClaim extends NameHolder {
  /** Unique for ever, so that a lost answer is asked for again and a late one harms nobody. */
  readonly claim: string;
}

/** A registration as it stands. */
export interface NameRow extends NameClaim {
  /** Rises with each renewal: whoever decided on an older one decided on too little. */
  readonly version: number;
}

/**
 * Where the processes that share names meet. Two implementations pass one contract suite: PostgreSQL, and
 * memory for tests. Calls reject with a failure of kind `unavailable` when it is away.
 */
export interface NameStorage extends NodeStorage {
  view(): Promise<NodesView>;
  /**
   * Takes a name that is free, or that still is as `seen` shows it. Returns who has it now: the caller, if the
   * row bears its claim. The same claim again gets the same answer.
   */
  claim(claim: NameClaim, seen?: NameRow): Promise<NameRow>;
  /** Raises the versions of claims that stand, and returns those; whoever saw an older version takes none of them. */
  renew(claims: readonly string[]): Promise<readonly string[]>;
  /** Frees the names of these claims, of those that stand. */
  release(claims: readonly string[]): Promise<void>;
  /** False when the claim does not stand any more. */
  setValue(claim: string, value: unknown): Promise<boolean>;
  find(key: string): Promise<NameRow | undefined>;
  /** The names of one incarnation, or of all, in the order of their keys. */
  list(incarnation?: string): Promise<readonly NameRow[]>;
  /** Takes a dead node out and frees its names, unless its beat has moved since: then it lives. */
  bury(node: NodeRow): Promise<void>;
}
