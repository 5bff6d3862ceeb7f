/** An event with its position in a partition. The positions of a partition are dense: 1, 2, 3 and so on. */
export interface Entry {
  readonly position: number;
  /** The integration event as JSON text. */
  readonly body: string;
  /** The backbone's own name of the position, if it needs one to find it again. */
  readonly resumeAt?: string | undefined;
  /** The seal of the relay that published it; see `Seals`. */
  readonly seal?: string | undefined;
  /** True if the bytes were not text, so that the body is an escaped form of them and no event. */
  readonly isEscaped?: boolean | undefined;
}

/** Consecutive entries of one partition to be published. */
export interface Publication {
  readonly topic: string;
  readonly partition: number;
  /** Every consumer has passed this position, so the backbone may lack everything up to it. */
  readonly floor: number;
  readonly entries: readonly (Entry & { readonly key: string })[];
}

/** The subscription of a reader to one partition. */
export interface SubscribeOptions {
  /** The consumer's name. Two consumers read independently. */
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  /** The last position that is not wanted; 0 reads from the first available one. */
  readonly after: number;
  /** `resumeAt` of that position, if one was given. */
  readonly resumeAt?: string | undefined;
  /** Gets entries in order, some perhaps twice. No more come until it has resolved. */
  readonly onEntries: (entries: readonly Entry[]) => Promise<void> | void;
}

/** A partition that is being read. */
export interface Subscription {
  /** Ends the reading. Nothing is delivered after it has resolved. */
  stop(): Promise<void>;
}

/** An event for the log that requires no action. */
export interface BackboneEvent {
  /** `refused`: the backbone answered with an error, and is asked again. */
  readonly kind: 'disconnected' | 'reconnected' | 'refused';
  readonly connection: string;
  readonly error?: unknown;
}

/**
 * Carries the events of each partition in order from one relay to any number of consumers. It may lose everything,
 * since the outbox keeps it. It may deliver twice, since consumers recognise positions. It may not leave an event out.
 */
export interface Backbone {
  /** Partitions per topic. The same in all processes, and for ever: a key must not change its partition. */
  readonly partitions: number;
  /** True if others than relays can write to it. Then an entry counts only with its relay's seal. */
  readonly isShared: boolean;
  /**
   * Adds entries to their partitions. Returns for each publication the position that its partition now reaches. A lower
   * position than requested means that the partition lacks earlier entries, and nothing was added. Existing entries
   * stay unchanged. Rejects if the backbone is away; then some entries may have been added.
   */
  publish(publications: readonly Publication[]): Promise<readonly number[]>;
  /** The position that each partition of the topic reaches; undefined if the backbone cannot tell. */
  tails(topic: string): Promise<readonly (number | undefined)[]>;
  /** Empties a partition with missing events, for backbones in which that makes republishing possible. */
  reset(topic: string, partition: number): Promise<void>;
  /** Every consumer has passed this position. */
  trim(topic: string, partition: number, upTo: number): Promise<void>;
  /** Waits by itself for a missing topic, and for a backbone that is away. */
  subscribe(options: SubscribeOptions): Subscription;
  close(): Promise<void>;
}
