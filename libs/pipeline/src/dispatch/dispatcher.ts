import { fnv1a } from '@aisle/std';

/**
 * Decides which consumer gets an event. `demand`: the one with the most demand. `broadcast`: every subscriber whose
 * selector accepts it. `partition`: the consumers of one partition, chosen by key; the order of a key is kept.
 */
export type Dispatcher<E> =
  | { readonly kind: 'demand' }
  | {
      readonly kind: 'broadcast';
      /** Ids of stages that miss no event, even while they are away. Other subscribers get later events only. */
      readonly subscribers?: readonly string[];
    }
  | {
      readonly kind: 'partition';
      readonly partitions: number;
      readonly by: (event: E) => string | number;
    };

/** A dispatcher by key. */
export type PartitionDispatcher<E> = Extract<Dispatcher<E>, { kind: 'partition' }>;

/** An event whose key or selector threw, with the error. */
export interface Unplaced<E> {
  readonly event: E;
  readonly error: unknown;
}

/**
 * The partition of a key: a number by its value, a text by its hash. Throws for anything else, because an event without
 * a partition would be acknowledged without being handled.
 */
export function partitionOf(key: string | number, partitions: number): number {
  if (typeof key === 'string') return fnv1a(key) % partitions;
  if (Number.isFinite(key)) return Math.abs(Math.trunc(key)) % partitions;
  const Kind = typeof key === 'number' ? RangeError : TypeError;
  throw new Kind(`the key of an event is ${String(key)}; a key is a text or a finite number`);
}

/** Splits a batch by partition. Each part keeps the batch's order. Events whose key fails are returned separately. */
export function partitioned<E>(
  events: readonly E[],
  { partitions, by }: PartitionDispatcher<E>,
): { parts: E[][]; unplaced: readonly Unplaced<E>[] } {
  const parts: E[][] = Array.from({ length: partitions }, () => []);
  const unplaced: Unplaced<E>[] = [];
  for (const event of events) {
    try {
      (parts[partitionOf(by(event), partitions)] as E[]).push(event);
    } catch (error) {
      unplaced.push({ event, error });
    }
  }
  return { parts, unplaced };
}

/** The events of a batch that a selector accepts. Events for which it fails are returned separately. */
export function selected<E>(
  events: readonly E[],
  selector: (event: E) => boolean,
): { chosen: readonly E[]; unplaced: readonly Unplaced<E>[] } {
  const unplaced: Unplaced<E>[] = [];
  const chosen = events.filter((event) => {
    try {
      return selector(event);
    } catch (error) {
      unplaced.push({ event, error });
      return false;
    }
  });
  return { chosen, unplaced };
}
