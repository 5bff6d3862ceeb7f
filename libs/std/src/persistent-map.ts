import { fnv1a } from './fnv1a.ts';

// A hash trie of fixed depth with copies on write (Bagwell, Ideal Hash Trees, 2001). A change copies one path of three
// small arrays; holders of an earlier version keep it unchanged.

const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

type Bucket<V> = readonly (readonly [key: string, value: V])[];
type Twig<V> = readonly (Bucket<V> | undefined)[];
type Branch<V> = readonly (Twig<V> | undefined)[];
type Root<V> = readonly (Branch<V> | undefined)[];

const NONE: readonly undefined[] = new Array<undefined>(WIDTH).fill(undefined);

/**
 * An immutable map with text keys. A change with 100,000 entries costs about as much as with ten: there are 32,768
 * buckets of a few entries each.
 */
export class PersistentMap<V> {
  private constructor(
    readonly size: number,
    private readonly root: Root<V>,
  ) {}

  /** The empty map. */
  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(0, NONE);
  }

  /** A map of these entries. The last of several entries with one key counts. */
  static of<V>(entries: Iterable<readonly [string, V]>): PersistentMap<V> {
    let map = PersistentMap.empty<V>();
    for (const [key, value] of entries) map = map.set(key, value);
    return map;
  }

  /** The value of a key, or undefined. */
  get(key: string): V | undefined {
    const hash = hashOf(key);
    const bucket = this.root[hash & MASK]?.[(hash >>> BITS) & MASK]?.[(hash >>> (2 * BITS)) & MASK];
    if (bucket) for (const entry of bucket) if (entry[0] === key) return entry[1];
    return undefined;
  }

  /** Returns a map with this value under the key. This map stays unchanged. */
  set(key: string, value: V): PersistentMap<V> {
    return this.changed(key, (bucket) => {
      const at = bucket.findIndex((entry) => entry[0] === key);
      return at < 0 ? [...bucket, [key, value]] : bucket.with(at, [key, value]);
    });
  }

  /** Returns a map without the key, or this map if it has no such key. */
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

/** FNV-1a with the first half of MurmurHash3's last step: enough for a trie that reads the low bits first. */
function hashOf(key: string): number {
  const hash = fnv1a(key);
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
