/** What a node says of itself. */
export interface NodeEntry {
  /** This start of this process; a restart is another incarnation. */
  readonly incarnation: string;
  /** The broker queue on which the node takes commands. */
  readonly queue: string;
  /** It wants no more shards and hands over those that it has. */
  readonly draining: boolean;
}

/** A node's entry as it is stored. The beat is opaque: it only matters that it moves. */
export interface NodeRow extends NodeEntry {
  readonly beat: string;
}

/** Where the processes of one group meet. Calls reject with a failure of kind `unavailable` when it is away. */
export interface NodeStorage {
  /** Enters the node, or moves its beat. */
  beat(node: NodeEntry): Promise<void>;
  /** Takes a node out that leaves. Idempotent. */
  remove(incarnation: string): Promise<void>;
}
