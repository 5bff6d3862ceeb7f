/** An event with its place in a partition; positions of a partition are dense: 1, 2, 3 and so on. */
export interface Entry {
  readonly position: number;
  /** The integration event as JSON text. */
  readonly body: string;
  /** The backbone's own name of the place, if it needs one to find it again. */
  readonly resumeAt?: string | undefined;
  /** Of the relay that published it; see `Seals`. */
  readonly seal?: string | undefined;
  /** The body is no text that came in, but what was made of bytes that are none: nobody's event. */
  readonly isEscaped?: boolean | undefined;
}

/** Entries of one partition to be published, one after the other without a gap. */
export interface Publication {
  readonly topic: string;
  readonly partition: number;
  /** Every consumer has passed all up to here: the backbone may lack it. */
  readonly floor: number;
  readonly entries: readonly (Entry & { readonly key: string })[];
}

/** What a reader of one partition says. */
export interface SubscribeOptions {
  /** The consumer's name; two consumers read independently. */
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  /** The last position that is not wanted; 0 reads from the first there is. */
  readonly after: number;
  /** `resumeAt` of that position, if one was given. */
  readonly resumeAt?: string | undefined;
  /** Is given what comes, in order; some of it perhaps twice. Nothing more comes until it has resolved. */
  readonly onEntries: (entries: readonly Entry[]) => Promise<void> | void;
}

/** A partition being read. */
export interface Subscription {
  /** Nothing is given out after it has resolved. */
  stop(): Promise<void>;
}

/** Something that a person may want to know of, and nobody has to act on. */
export interface BackboneEvent {
  /** `refused`: the backbone answered with an error, and is asked again. */
  readonly kind: 'disconnected' | 'reconnected' | 'refused';
  readonly connection: string;
  readonly error?: unknown;
}

/**
 * Carries the events of each partition in order from one relay to any number of consumers. It may lose all it has
 * (the outbox keeps it), and it may deliver twice (consumers count); it may not leave out.
 */
export interface Backbone {
  /** Partitions a topic; the same in all processes, and for life: a key must not change its partition. */
  readonly partitions: number;
  /** Others than relays can write to it: an entry counts only with its relay's seal. */
  readonly isShared: boolean;
  /**
   * Adds entries to their partitions, and answers for each publication up to which position its partition now reaches.
   * Less than was asked for: the partition lacks what comes before, and nothing was added. What is there already
   * is left alone. Rejects when the backbone is away; then some of it may have been added.
   */
  publish(publications: readonly Publication[]): Promise<readonly number[]>;
  /** How far each partition of the topic reaches; undefined where the backbone can't say. */
  tails(topic: string): Promise<readonly (number | undefined)[]>;
  /** Empties a partition in which events are missing, where that is how they can be published again. */
  reset(topic: string, partition: number): Promise<void>;
  /** Every consumer has passed all up to there. */
  trim(topic: string, partition: number, upTo: number): Promise<void>;
  /** Waits by itself for a topic that is not there yet, and for a backbone that is away. */
  subscribe(options: SubscribeOptions): Subscription;
  close(): Promise<void>;
}
