import { fnv1a } from './fnv1a.ts';

// A hash trie of fixed depth with copies on write (Bagwell, Ideal Hash Trees, 2001): a change copies one path of
// three small arrays, and everybody who has the map from before keeps it as it was.

const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

type Bucket<V> = readonly (readonly [key: string, value: V])[];
type Twig<V> = readonly (Bucket<V> | undefined)[];
type Branch<V> = readonly (Twig<V> | undefined)[];
type Root<V> = readonly (Branch<V> | undefined)[];

const NONE: readonly undefined[] = new Array<undefined>(WIDTH).fill(undefined);

/**
 * An immutable map by text. With 100,000 entries a change costs about as much as with ten: 32,768 buckets of a few
 * entries each.
 */
export class PersistentMap<V> {
  private constructor(
    readonly size: number,
    private readonly root: Root<V>,
  ) {}

  /** The map without entries. */
  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(0, NONE);
  }

  /** A map of these entries; of two with one key the later counts. */
  static of<V>(entries: Iterable<readonly [string, V]>): PersistentMap<V> {
    let map = PersistentMap.empty<V>();
    for (const [key, value] of entries) map = map.set(key, value);
    return map;
  }

  /** The value of a key, if there is one. */
  get(key: string): V | undefined {
    const hash = hashOf(key);
    const bucket = this.root[hash & MASK]?.[(hash >>> BITS) & MASK]?.[(hash >>> (2 * BITS)) & MASK];
    if (bucket) for (const entry of bucket) if (entry[0] === key) return entry[1];
    return undefined;
  }

  /** The map with this value under the key; this one stays as it is. */
  set(key: string, value: V): PersistentMap<V> {
    return this.changed(key, (bucket) => {
      const at = bucket.findIndex((entry) => entry[0] === key);
      return at < 0 ? [...bucket, [key, value]] : bucket.with(at, [key, value]);
    });
  }

  /** The map without the key; the same one when it had none. */
  delete(key: string): PersistentMap<V> {
    if (this.get(key) === undefined) return this;
    return this.changed(key, (bucket) => bucket.filter((entry) => entry[0] !== key));
  }

  /** All values, in no particular order. */
  *values(): Generator<V> {
    for (const branch of this.root) {
      for (const twig of branch ?? []) for (const bucket of twig ?? []) for (const [, value] of bucket ?? []) yield value;
    }
  }

  private changed(key: string, change: (bucket: Bucket<V>) => Bucket<V>): PersistentMap<V> {
    const hash = hashOf(key);
    const [first, second, third] = [hash & MASK, (hash >>> BITS) & MASK, (hash >>> (2 * BITS)) & MASK];
    const branch = this.root[first] ?? NONE;
    const twig = branch[second] ?? NONE;
    const bucket = twig[third] ?? [];
    const next = change(bucket);
    const grown = this.size + next.length - bucket.length;
    return new PersistentMap<V>(grown, replaced(this.root, first, replaced(branch, second, replaced(twig, third, next))));
  }
}

function replaced<T>(array: readonly T[], at: number, value: T): T[] {
  const copy = array.slice();
  copy[at] = value;
  return copy;
}

/** FNV-1a, and the first half of what MurmurHash3 does last: enough for a trie that reads the low bits first. */
function hashOf(key: string): number {
  const hash = fnv1a(key);
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
