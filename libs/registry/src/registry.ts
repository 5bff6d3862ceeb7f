import { checkChoice, checkFunction, checkNumber, checkText, fnv1a } from '@aisle/std';
import { ProcessFailure } from '@aisle/supervision';
import type { Protocol, Ref, System, Unchecked, Watcher } from '@aisle/supervision';
import { AlreadyRegistered } from './failures.ts';

/** Options of a registry: the kind of its keys, its partitions, its listeners. */
export interface RegistryOptions<P extends Protocol = Unchecked, V = unknown> {
  /** `unique`: one process per key. `duplicate`: any number, for groups and topics. */
  keys: 'unique' | 'duplicate';
  /** Partitions over which the keys are spread; 1 by default. A partition holds at most 2^24 keys. */
  partitions?: number;
  /** Called for every entry that is added or removed. */
  listeners?: readonly ((event: RegistryEvent<P, V>) => void)[];
}

/** One process under one key, with the value it registered. */
export interface RegistryEntry<P extends Protocol = Unchecked, V = unknown> {
  readonly key: string;
  readonly ref: Ref<P>;
  readonly value: V;
}

export interface RegistryEvent<P extends Protocol = Unchecked, V = unknown> extends RegistryEntry<P, V> {
  readonly type: 'register' | 'unregister';
}

/** More partitions than this bring no further speed. */
const PARTITIONS_MAX = 2 ** 16;

class Entry<P extends Protocol, V> implements RegistryEntry<P, V>, Watcher {
  constructor(
    private readonly registry: Registry<P, V>,
    readonly key: string,
    readonly ref: Ref<P>,
    public value: V,
  ) {}

  onDown(): void {
    this.registry.remove(this);
  }
}

// With unique keys a bucket is the entry itself, because most registries hold one process per key.
type Bucket<P extends Protocol, V> = Entry<P, V> | Set<Entry<P, V>>;

/**
 * Names for the processes of one system, after Elixir's `Registry`. An entry is removed at the instant its process
 * ends, before the supervisor is told, so a restarted child finds its name free. A registry is not a process and cannot
 * crash. Make one and pass it to its users.
 */
export class Registry<P extends Protocol = Unchecked, V = unknown> {
  /** True if a key stands for at most one process. */
  readonly isUnique: boolean;
  private readonly partitions: Map<string, Bucket<P, V>>[];
  private readonly listeners: readonly ((event: RegistryEvent<P, V>) => void)[];
  private readonly metadata = new Map<string, unknown>();
  private entryCount = 0;

  constructor(
    /** The system of the processes. Messages to an unregistered name go to its dead letters. */
    readonly system: System,
    { keys, partitions = 1, listeners = [] }: RegistryOptions<P, V>,
  ) {
    this.isUnique = checkChoice('keys', keys, ['unique', 'duplicate']) === 'unique';
    checkNumber('partitions', partitions, { min: 1, max: PARTITIONS_MAX });
    for (const listener of listeners) checkFunction('a listener', listener);
    this.partitions = Array.from({ length: partitions }, () => new Map());
    this.listeners = listeners;
  }

  /** The number of entries. */
  get count(): number {
    return this.entryCount;
  }

  /** Registers a process under a key. Throws AlreadyRegistered, or ProcessFailure.noproc if it has ended. */
  register(ref: Ref<P>, key: string, value: V): void {
    checkText('key', key);
    if (!ref.alive) throw ProcessFailure.noproc(ref.label);
    const partition = this.partition(key);
    const bucket = partition.get(key);
    const entry = new Entry(this, key, ref, value);
    if (bucket instanceof Entry) throw new AlreadyRegistered(key, bucket.ref);
    if (this.isUnique) partition.set(key, entry);
    else if (bucket === undefined) partition.set(key, new Set([entry]));
    else bucket.add(entry);
    ref.watch(entry);
    this.entryCount += 1;
    this.announce('register', entry);
  }

  /** Removes the entries of a process under a key, if there are any. */
  unregister(ref: Ref<P>, key: string): void {
    this.takeOut(this.match(key, (entry) => entry.ref === ref));
  }

  /** The process under a unique key, or undefined. */
  whereis(key: string): Ref<P> | undefined {
    const bucket = this.partition(key).get(key);
    return bucket instanceof Entry ? bucket.ref : undefined;
  }

  /** All entries under a key, in order of registration. */
  lookup(key: string): readonly RegistryEntry<P, V>[] {
    const bucket = this.partition(key).get(key);
    if (bucket === undefined) return [];
    return bucket instanceof Entry ? [bucket] : [...bucket];
  }

  /** Calls `send` with the entries under a key, if there are any: publish and subscribe within one process. */
  dispatch(key: string, send: (entries: readonly RegistryEntry<P, V>[]) => void): void {
    const entries = this.lookup(key);
    if (entries.length > 0) send(entries);
  }

  /** The keys of a process. Scans all entries; for consoles and tests. */
  keys(ref: Ref<P>): string[] {
    return [...this.entries()].filter((entry) => entry.ref === ref).map(({ key }) => key);
  }

  /** Changes the value of a process under a key. Returns false if there is no such entry. */
  updateValue(ref: Ref<P>, key: string, update: (value: V) => V): boolean {
    const own = (this.lookup(key) as Entry<P, V>[]).filter((entry) => entry.ref === ref);
    for (const entry of own) entry.value = update(entry.value);
    return own.length > 0;
  }

  /** The values of a process under a key. */
  values(ref: Ref<P>, key: string): V[] {
    return this.match(key, (entry) => entry.ref === ref).map(({ value }) => value);
  }

  /** The entries under a key for which `matches` is true. */
  match(key: string, matches: (entry: RegistryEntry<P, V>) => boolean): RegistryEntry<P, V>[] {
    return this.lookup(key).filter(matches);
  }

  /** The entries of all keys for which `matches` is true. Scans all entries. */
  select(matches: (entry: RegistryEntry<P, V>) => boolean): RegistryEntry<P, V>[] {
    return [...this.entries()].filter(matches);
  }

  /** Removes the entries of a process under a key whose value satisfies `matches`. */
  unregisterMatch(ref: Ref<P>, key: string, matches: (value: V) => boolean): void {
    this.takeOut(this.match(key, (entry) => entry.ref === ref && matches(entry.value)));
  }

  /** Every entry. */
  *entries(): Generator<RegistryEntry<P, V>> {
    for (const partition of this.partitions) {
      for (const bucket of partition.values()) {
        if (bucket instanceof Entry) yield bucket;
        else yield* bucket;
      }
    }
  }

  /** Stores metadata of the registry itself. */
  putMeta(name: string, value: unknown): void {
    this.metadata.set(name, value);
  }

  meta(name: string): unknown {
    return this.metadata.get(name);
  }

  /** Deletes metadata of the registry; false if there was none. */
  deleteMeta(name: string): boolean {
    return this.metadata.delete(name);
  }

  /** @internal */
  remove(entry: Entry<P, V>): void {
    const partition = this.partition(entry.key);
    const bucket = partition.get(entry.key);
    if (bucket instanceof Set) bucket.delete(entry);
    if (bucket === entry || (bucket as Set<unknown>).size === 0) partition.delete(entry.key);
    this.entryCount -= 1;
    this.announce('unregister', entry);
  }

  private takeOut(entries: readonly RegistryEntry<P, V>[]): void {
    for (const entry of entries as Entry<P, V>[]) {
      entry.ref.unwatch(entry);
      this.remove(entry);
    }
  }

  private partition(key: string): Map<string, Bucket<P, V>> {
    const { partitions } = this;
    const index = partitions.length === 1 ? 0 : fnv1a(key) % partitions.length;
    return partitions[index]!;
  }

  private announce(type: RegistryEvent['type'], { key, ref, value }: Entry<P, V>): void {
    for (const listener of this.listeners) {
      this.system.shield(() => listener({ type, key, ref, value }));
    }
  }
}
