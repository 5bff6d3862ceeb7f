import type { NodeRow, NodeStorage } from '../membership/node-storage.ts';
import type { NodesView } from '../membership/watch.ts';

/** The holder of a name, and its value. */
export interface NameHolder<V = unknown> {
  readonly key: string;
  /** The incarnation of the process that has the name. */
  readonly incarnation: string;
  /** The broker queue of that process. */
  readonly queue: string;
  /** The registered value, JSON. */
  readonly value: V;
}

/** One registration of a name. */
export interface NameClaim extends NameHolder {
  /** A unique id, so that a claim can be repeated after a lost answer, and a late claim is harmless. */
  readonly claim: string;
}

/** A stored registration. */
export interface NameRow extends NameClaim {
  /** Rises with each renewal, so that a takeover by an older view fails. */
  readonly version: number;
}

/**
 * The shared storage of names in a group. There are two implementations, PostgreSQL and memory, and both pass one contract
 * suite. Calls reject with a failure of kind `unavailable` while the storage does not answer.
 */
export interface NameStorage extends NodeStorage {
  /** The processes of the group. */
  view(): Promise<NodesView>;
  /**
   * Takes a name that is free, or whose row is still equal to `seen`. Returns the present row: the caller has the name if the
   * row has its claim. A repeated claim gets the same answer.
   */
  claim(claim: NameClaim, seen?: NameRow): Promise<NameRow>;
  /** Raises the versions of valid claims, and returns these. A takeover that saw an older version then fails. */
  renew(claims: readonly string[]): Promise<readonly string[]>;
  /** Frees the names of these claims. Claims that are no longer valid are ignored. */
  release(claims: readonly string[]): Promise<void>;
  /** Changes a name's value; false if the claim is no longer valid. */
  setValue(claim: string, value: unknown): Promise<boolean>;
  /** The row of a name; undefined if the name is free. */
  find(key: string): Promise<NameRow | undefined>;
  /** The names of one incarnation, or of all, in the order of their keys. */
  list(incarnation?: string): Promise<readonly NameRow[]>;
  /** Deletes a dead node's row and frees its names, unless its beat has changed since `node` was read. */
  bury(node: NodeRow): Promise<void>;
}
