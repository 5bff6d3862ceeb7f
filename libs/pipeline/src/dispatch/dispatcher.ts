import { fnv1a } from '@aisle/std';

/**
 * Who gets an event: `demand` the consumer that wants most, `broadcast` every subscriber (that selects
 * it), `partition` the consumers of one of so many partitions, chosen by key, with the order of a key kept.
 */
export type Dispatcher<E> =
  | { readonly kind: 'demand' }
  | {
      readonly kind: 'broadcast';
      /** Ids of stages that miss nothing, even while they are away; others get what comes after them. */
      readonly subscribers?: readonly string[];
    }
  | {
      readonly kind: 'partition';
      readonly partitions: number;
      readonly by: (event: E) => string | number;
    };

/** A dispatcher by key. */
export type PartitionDispatcher<E> = Extract<Dispatcher<E>, { kind: 'partition' }>;

/** An event whose key or selector threw, and what it threw. */
export interface Unplaced<E> {
  readonly event: E;
  readonly error: unknown;
}

/**
 * Which of so many partitions a key is in: a number by itself, a text by its hash. Throws for what is neither:
 * an event without a place would be acknowledged without being handled.
 */
export function partitionOf(key: string | number, partitions: number): number {
  if (typeof key === 'string') return fnv1a(key) % partitions;
  if (Number.isFinite(key)) return Math.abs(Math.trunc(key)) % partitions;
  const Kind = typeof key === 'number' ? RangeError : TypeError;
  throw new Kind(`the key of an event is ${String(key)}; a key is a text or a finite number`);
}

/** Splits a batch by partition; each part keeps the batch's order. Events whose key fails are told apart. */
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

/** Those of a batch that a selector wants. Events for which it fails are told apart. */
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
