/** A node's entry in its group. */
export interface NodeEntry {
  /** The id of this start of the process; a restart is another incarnation. */
  readonly incarnation: string;
  /** The broker queue on which the node takes commands. */
  readonly queue: string;
  /** The node takes no more shards, and hands its own over. */
  readonly draining: boolean;
}

/** A node's stored entry. The beat is opaque: only its changes matter. */
export interface NodeRow extends NodeEntry {
  readonly beat: string;
}

/** The shared storage of the nodes of a group. Calls reject with a failure of kind `unavailable` while it does not answer. */
export interface NodeStorage {
  /** Inserts the node's row, or changes its beat. */
  beat(node: NodeEntry): Promise<void>;
  /** Deletes the row of a node that leaves. Idempotent. */
  remove(incarnation: string): Promise<void>;
}
