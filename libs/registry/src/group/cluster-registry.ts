import { ProcessFailure, type Protocol, type Ref, type System, type Unchecked } from '@aisle/supervision';
import { assert, uuidv7 } from '@aisle/std';
import { NameTaken, RegistryFailure } from '../failures.ts';
import { DEFAULT_LEASE, type LeaseTimes } from '../membership/lease-times.ts';
import { Registry, type RegistryEntry, type RegistryEvent } from '../registry.ts';
import { GroupMember } from './group-member.ts';
import type { NameClaim, NameHolder, NameRow, NameStorage } from './name-storage.ts';

/** The parts by which a process shares its names with its group. */
export interface ClusterRegistryOptions<P extends Protocol = Unchecked, V = unknown> {
  readonly storage: NameStorage;
  /** The system of the named processes. The registry uses its runtime. */
  readonly system: System;
  /** The id of this start of the process. No other lease may use it: a `ClusterNode` of the same process needs another. */
  readonly incarnation: string;
  /** The broker queue of this process, which `whereis` shows to others. */
  readonly queue: string;
  /** Same in every process of the group. */
  readonly times?: LeaseTimes | undefined;
  /** Functions that receive each entry that is added or removed in this process. */
  readonly listeners?: readonly ((event: RegistryEvent<P, V>) => void)[] | undefined;
  readonly onEvent?: ((event: ClusterRegistryEvent) => void) | undefined;
}

/** An event of a registry, for its log. */
export type ClusterRegistryEvent =
  | { readonly kind: 'lease missed' | 'view not read' | 'names not settled'; readonly error: unknown }
  | { readonly kind: 'lease lapsed' }
  | { readonly kind: 'name lost'; readonly key: string };

interface Held {
  readonly claim: string;
  /** False from a lapse of the lease until the claim is renewed. */
  isProven: boolean;
  /** The last change of its value. Changes run one after another. */
  written: Promise<unknown>;
}

/** The interval of sweeps for left-over rows, in leases. For the same time after a call of unknown outcome sweeps run each lease. */
const SWEEP_LEASES = 10;

/**
 * Names of processes that are unique in a group: `Registry` across machines, as OTP's `global`. A name ends with its process
 * or its registry, or when another process takes it because this one is certainly dead. After a lapse of its lease a
 * registry keeps the names that nobody has taken. It ends the processes of lost names with `{ shutdown: 'name lost' }`;
 * a process that traps exits must end itself.
 */
export class ClusterRegistry<P extends Protocol = Unchecked, V = unknown> {
  private readonly local: Registry<P, V>;
  private readonly member: GroupMember;
  private readonly held = new Map<string, Held>();
  /** Running registrations by key, at most one per key. */
  private readonly claiming = new Map<string, Promise<void>>();
  /** Claims that are valid or may become valid. Rows of this incarnation with other claims are left-overs. */
  private readonly claims = new Set<string>();
  private readonly ended: string[] = [];
  private releasing: Promise<void> | undefined;
  private settling: Promise<void> | undefined;
  private sweepAtMs = 0;
  private doubtUntilMs = 0;
  private isOpen = false;
  /** The number of lapses of the lease; joining counts as the first. */
  private lapses = 0;

  constructor(private readonly options: ClusterRegistryOptions<P, V>) {
    const { storage, system, incarnation, queue, times = DEFAULT_LEASE, listeners = [], onEvent } = options;
    const { runtime } = system;
    const release = ({ type, key }: RegistryEvent<P, V>): void => {
      if (type === 'unregister') this.releaseKey(key);
    };
    this.local = new Registry<P, V>(system, { keys: 'unique', listeners: [release, ...listeners] });
    this.member = new GroupMember({
      storage, runtime, times, incarnation, queue,
      onLate: () => this.onLate(),
      onLook: () => this.settle(),
      onFailed: (kind, error) => onEvent?.({ kind, error }),
    });
  }

  /** Enters the group. Throws the failures of the storage. */
  async join(): Promise<void> {
    await this.member.join();
    this.isOpen = true;
  }

  /**
   * Gives a process a name that is unique in the group. Throws `NameTaken` (conflict) with the holder, `ProcessFailure.noproc` for a
   * process that has ended, `RegistryFailure.notJoined`, and the failures of the storage. The name of a killed process is free when its
   * death is certain: a lease and its margin later.
   */
  async register(ref: Ref<P>, key: string, value: V): Promise<void> {
    for (let other = this.claiming.get(key); other; other = this.claiming.get(key)) await other;
    const registered = this.claim(ref, key, value);
    const settled = registered.catch(() => undefined).finally(() => this.claiming.delete(key));
    this.claiming.set(key, settled);
    await registered;
  }

  /** Frees a name of a process. Does nothing if the process does not have the name. */
  async unregister(ref: Ref<P>, key: string): Promise<void> {
    this.local.unregister(ref, key);
    await this.releasing;
  }

  /**
   * Whether a process here certainly has the name at this instant: the lease holds, and no other process can have taken the
   * name. Check it in the turn that depends on it.
   */
  holds(key: string): boolean {
    return this.member.holds && this.held.get(key)?.isProven === true;
  }

  /** The holder of a name in the group. Throws the failures of the storage. */
  async whereis(key: string): Promise<NameHolder<V> | undefined> {
    const row = await this.options.storage.find(key);
    return row && !(await this.member.isGone(row.incarnation)) ? holderOf(row) : undefined;
  }

  /** All names in the group, in the order of their keys. Throws the failures of the storage. */
  async holders(): Promise<readonly NameHolder<V>[]> {
    const rows = await this.options.storage.list();
    const isGone = await Promise.all(rows.map((row) => this.member.isGone(row.incarnation)));
    return rows.filter((_, index) => !isGone[index]).map((row) => holderOf<V>(row));
  }

  /** The entry under a key, if a process here has the name. */
  lookup(key: string): readonly RegistryEntry<P, V>[] {
    return this.local.lookup(key);
  }

  /** The keys of a process of this system. Scans all entries. */
  keys(ref: Ref<P>): string[] {
    return this.local.keys(ref);
  }

  /** All entries of this process. */
  entries(): Generator<RegistryEntry<P, V>> {
    return this.local.entries();
  }

  /** The number of entries of this process. */
  get count(): number {
    return this.local.count;
  }

  /**
   * Changes the value of a process under a key, for the whole group. Changes of one key run one after another. Returns false
   * if the process does not have the name. Throws the failures of the storage; the local value is then unchanged.
   */
  updateValue(ref: Ref<P>, key: string, update: (value: V) => V): Promise<boolean> {
    const held = this.held.get(key);
    if (!held) return Promise.resolve(false);
    const write = async (): Promise<boolean> => {
      const [entry] = this.local.lookup(key);
      if (this.held.get(key) !== held || entry?.ref !== ref) return false;
      const value = update(entry.value);
      if (await this.options.storage.setValue(held.claim, value)) return this.local.updateValue(ref, key, () => value);
      this.lose(key, held);
      return false;
    };
    const written = held.written.then(write, write);
    held.written = written;
    return written;
  }

  /** Frees all names and leaves the group. End the named processes first, since they lose their names. */
  async leave(): Promise<void> {
    this.isOpen = false;
    await Promise.all(this.claiming.values());
    for (const { ref, key } of [...this.local.entries()]) this.local.unregister(ref, key);
    await this.releasing;
    await this.settling;
    await this.member.leave();
  }

  private async claim(ref: Ref<P>, key: string, value: V): Promise<void> {
    const { system: { runtime }, incarnation, queue } = this.options;
    if (!ref.alive) throw ProcessFailure.noproc(ref.label);
    if (!this.isOpen) throw RegistryFailure.notJoined();
    const [entry] = this.local.lookup(key);
    if (entry) throw new NameTaken({ key, incarnation, queue, value: entry.value });
    const claim = uuidv7(runtime);
    const { lapses } = this;
    this.claims.add(claim);
    try {
      await this.take({ key, claim, incarnation, queue, value });
      if (!this.isOpen) throw RegistryFailure.notJoined();
      // If the lease lapsed meanwhile, another process may consider this one dead, and be about to take the name.
      const isProven = lapses === this.lapses;
      this.held.set(key, { claim, isProven, written: Promise.resolve() });
      this.local.register(ref, key, value);
      if (!isProven) this.settle();
    } catch (failure) {
      this.held.delete(key);
      if (failure instanceof NameTaken) this.claims.delete(claim);
      else {
        this.doubt();
        void this.release(claim);
      }
      throw failure;
    }
  }

  private async take(claim: NameClaim): Promise<void> {
    const { storage, incarnation } = this.options;
    let row = await storage.claim(claim);
    while (row.claim !== claim.claim) {
      // A row of this incarnation without an entry is a left-over: an answer was lost, or its release is pending.
      if (row.incarnation !== incarnation && !(await this.member.isGone(row.incarnation))) throw new NameTaken(row);
      row = await storage.claim(claim, row);
    }
  }

  /** Marks all names as unproven after a lapse of the lease, and claims them again. */
  private onLate(): void {
    if (this.lapses > 0) this.options.onEvent?.({ kind: 'lease lapsed' });
    this.lapses += 1;
    for (const held of this.held.values()) held.isProven = false;
    this.settle();
  }

  /** Reconciles the storage with the local entries. Failures are retried at the next view. */
  private settle(): void {
    this.settling ??= this.prove()
      .then(() => this.sweep())
      .catch((error: unknown) => this.options.onEvent?.({ kind: 'names not settled', error }))
      .finally(() => (this.settling = undefined));
  }

  private async prove(): Promise<void> {
    const unproven = [...this.held].filter(([, { isProven }]) => !isProven);
    if (unproven.length === 0) return;
    const { lapses } = this;
    const standing = new Set(await this.options.storage.renew(unproven.map(([, { claim }]) => claim)));
    for (const [key, held] of unproven) {
      if (!standing.has(held.claim)) this.lose(key, held);
      else if (lapses === this.lapses) held.isProven = true;
    }
  }

  /** Deletes left-over rows of this incarnation: the answer to their claim was lost, or their release. */
  private async sweep(): Promise<void> {
    if (this.nowMs < this.sweepAtMs) return;
    const { storage, incarnation } = this.options;
    const rows = await storage.list(incarnation);
    const left = rows.map(({ claim }) => claim).filter((claim) => !this.claims.has(claim));
    if (left.length > 0) await storage.release(left);
    const { nowMs } = this;
    this.sweepAtMs = nowMs + (nowMs < this.doubtUntilMs ? 1 : SWEEP_LEASES) * this.leaseMs;
  }

  /** Sweeps soon after a failed call, which may have taken effect, or may still take effect. */
  private doubt(): void {
    this.sweepAtMs = this.nowMs;
    this.doubtUntilMs = this.nowMs + SWEEP_LEASES * this.leaseMs;
  }

  private lose(key: string, held: Held): void {
    if (this.held.get(key) !== held) return;
    const [entry] = this.local.lookup(key);
    assert(entry !== undefined, 'a held name has an entry');
    this.held.delete(key);
    this.claims.delete(held.claim);
    this.options.onEvent?.({ kind: 'name lost', key });
    this.local.unregister(entry.ref, key);
    entry.ref.exit({ shutdown: 'name lost' });
  }

  private releaseKey(key: string): void {
    const held = this.held.get(key);
    if (!held) return;
    this.held.delete(key);
    void this.release(held.claim);
  }

  /** Releases a claim. All releases of one turn are one call. */
  private release(claim: string): Promise<void> {
    this.ended.push(claim);
    this.releasing ??= new Promise((released) => {
      this.options.system.runtime.defer(() => {
        this.releasing = undefined;
        void this.releaseEnded().then(released);
      });
    });
    return this.releasing;
  }

  private async releaseEnded(): Promise<void> {
    const ended = this.ended.splice(0);
    try {
      await this.options.storage.release(ended);
    } catch (error) {
      this.doubt();
      this.options.onEvent?.({ kind: 'names not settled', error });
    }
    for (const claim of ended) this.claims.delete(claim);
  }

  private get nowMs(): number {
    return this.options.system.runtime.clock.monotonicMs();
  }

  private get leaseMs(): number {
    return (this.options.times ?? DEFAULT_LEASE).leaseMs;
  }
}

function holderOf<V>({ key, incarnation, queue, value }: NameRow): NameHolder<V> {
  return { key, incarnation, queue, value: value as V };
}
