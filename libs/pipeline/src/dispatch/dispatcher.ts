import { hashKey } from '@aisle/supervision';

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

/** Which of so many partitions a key is in: a number by itself, a text by its hash. */
export function partitionOf(key: string | number, partitions: number): number {
  return (typeof key === 'number' ? Math.abs(Math.trunc(key)) : hashKey(key)) % partitions;
}

/** Splits a batch by partition; each part keeps the batch's order. */
export function partitioned<E>(
  events: readonly E[],
  { partitions, by }: Extract<Dispatcher<E>, { kind: 'partition' }>,
): E[][] {
  const parts: E[][] = Array.from({ length: partitions }, () => []);
  for (const event of events) {
    parts[partitionOf(by(event), partitions)]?.push(event);
  }
  return parts;
}
