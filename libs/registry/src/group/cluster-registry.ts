import { ProcessFailure, type Protocol, type Ref, type System, type Unchecked } from '@aisle/supervision';
import { Failure, assert, failures, uuidv7 } from '@aisle/std';
import { DEFAULT_LEASE, type LeaseTimes } from '../membership/lease-times.ts';
import { Registry, type RegistryEntry, type RegistryEvent } from '../registry.ts';
import { GroupMember } from './group-member.ts';
import type { NameClaim, NameHolder, NameRow, NameStorage } from './name-storage.ts';

/** What one process of a group shares its names with the others through. */
export interface ClusterRegistryOptions<P extends Protocol = Unchecked, V = unknown> {
  readonly storage: NameStorage;
  /** Where the processes live that bear the names. Its runtime is the registry's. */
  readonly system: System;
  /** This start of this process, and nobody else's lease: a `ClusterNode` beside it needs another. */
  readonly incarnation: string;
  /** The broker queue of this process, for those who find a name here. */
  readonly queue: string;
  /** Same in every process of the group. */
  readonly times?: LeaseTimes | undefined;
  /** Functions that are told of every entry that comes or goes here. */
  readonly listeners?: readonly ((event: RegistryEvent<P, V>) => void)[] | undefined;
  readonly onEvent?: ((event: ClusterRegistryEvent) => void) | undefined;
}

/** What happens to a registry, for its log. */
export type ClusterRegistryEvent =
  | { readonly kind: 'lease missed' | 'view not read' | 'names not settled'; readonly error: unknown }
  | { readonly kind: 'lease lapsed' }
  | { readonly kind: 'name lost'; readonly key: string };

/** Failures of a name. */
export const NameFailure = failures('registry', {
  /** Thrown as `NameTaken`. */
  alreadyRegistered: [
    'conflict', 'the key belongs to another process',
    ({ key, incarnation, queue }: NameHolder) => ({ key, incarnation, queue }),
  ],
  /** The registry has not joined its group yet, or has left it. Nothing was done. */
  notJoined: ['unavailable', 'this process has not joined the group of names, or has left it', () => ({ retryAfterMs: 1_000 })],
}, { codes: { notJoined: 'cluster.not_joined' } });

/** The key belongs to another process, here or elsewhere: `holder` says where. */
export class NameTaken extends Failure {
  readonly holder: NameHolder;
  constructor({ key, incarnation, queue, value }: NameHolder) {
    const holder = { key, incarnation, queue, value };
    super(NameFailure.alreadyRegistered(holder));
    this.holder = holder;
  }
}

interface Held {
  readonly claim: string;
  /** False from the moment at which the lease ran out until the claim was renewed. */
  isProven: boolean;
  /** The last change of its value; one after the other. */
  written: Promise<unknown>;
}

/** How often left-overs are looked for, and for how long more often after a call of unknown outcome. */
const SWEEP_LEASES = 10;

/**
 * Names for processes, unique in a group: `Registry` across machines, as OTP's `global`. A name leaves with its
 * process, with its registry, or when another process of the group is certain that this one is dead. One whose
 * lease ran out keeps its names if nobody took them meanwhile; of those that somebody took it ends
 * the processes, with `{ shutdown: 'name lost' }`; one that traps exits has to end itself.
 */
export class ClusterRegistry<P extends Protocol = Unchecked, V = unknown> {
  private readonly local: Registry<P, V>;
  private readonly member: GroupMember;
  private readonly held = new Map<string, Held>();
  /** By key, one at a time. */
  private readonly claiming = new Map<string, Promise<void>>();
  /** Claims that stand or may come to stand; rows of ours with others were left behind. */
  private readonly claims = new Set<string>();
  private readonly ended: string[] = [];
  private releasing: Promise<void> | undefined;
  private settling: Promise<void> | undefined;
  private sweepAtMs = 0;
  private doubtUntilMs = 0;
  private isOpen = false;
  /** How often the lease ran out; entering the group is the first time. */
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

  /** Enters the group. Throws what the storage throws. */
  async join(): Promise<void> {
    await this.member.join();
    this.isOpen = true;
  }

  /**
   * Gives a process a name that nobody else in the group has. Throws `NameTaken` (conflict) with the holder,
   * `ProcessFailure.noproc` for a process that has ended, `NameFailure.notJoined`, and what the storage throws. The name of a process
   * that was killed is free once its death is certain: a lease and its margin later.
   */
  async register(ref: Ref<P>, key: string, value: V): Promise<void> {
    for (let other = this.claiming.get(key); other; other = this.claiming.get(key)) await other;
    const registered = this.claim(ref, key, value);
    const settled = registered.catch(() => undefined).finally(() => this.claiming.delete(key));
    this.claiming.set(key, settled);
    await registered;
  }

  /** Frees a name of a process; nothing happens if it is not its own. */
  async unregister(ref: Ref<P>, key: string): Promise<void> {
    this.local.unregister(ref, key);
    await this.releasing;
  }

  /**
   * Whether the name is certainly borne here at this very instant: the lease holds, and nobody can have taken
   * the name. Ask in the turn in which it matters.
   */
  holds(key: string): boolean {
    return this.member.holds && this.held.get(key)?.isProven === true;
  }

  /** Who in the group bears the name. Throws what the storage throws. */
  async whereis(key: string): Promise<NameHolder<V> | undefined> {
    const row = await this.options.storage.find(key);
    return row && !(await this.member.isGone(row.incarnation)) ? holderOf(row) : undefined;
  }

  /** Every name in the group, in the order of their keys. Throws what the storage throws. */
  async holders(): Promise<readonly NameHolder<V>[]> {
    const rows = await this.options.storage.list();
    const isGone = await Promise.all(rows.map((row) => this.member.isGone(row.incarnation)));
    return rows.filter((_, index) => !isGone[index]).map((row) => holderOf<V>(row));
  }

  /** The entry under a key, if it is borne here. */
  lookup(key: string): readonly RegistryEntry<P, V>[] {
    return this.local.lookup(key);
  }

  /** The keys of a process of this system. Looks through all entries here. */
  keys(ref: Ref<P>): string[] {
    return this.local.keys(ref);
  }

  /** Every entry here. */
  entries(): Generator<RegistryEntry<P, V>> {
    return this.local.entries();
  }

  /** How many entries there are here. */
  get count(): number {
    return this.local.count;
  }

  /**
   * Changes the value of a process under a key, for the whole group; changes of one key run one after the other.
   * False when it does not bear the name. Throws what the storage throws, with nothing changed here.
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

  /** Frees every name and leaves the group. End the processes that bear them first: they bear them no more. */
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
    if (!this.isOpen) throw NameFailure.notJoined();
    const [entry] = this.local.lookup(key);
    if (entry) throw new NameTaken({ key, incarnation, queue, value: entry.value });
    const claim = uuidv7(runtime);
    const { lapses } = this;
    this.claims.add(claim);
    try {
      await this.take({ key, claim, incarnation, queue, value });
      if (!this.isOpen) throw NameFailure.notJoined();
      // Others may have found us dead before the claim, and be on their way to take the name.
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
      // One of ours that is not here is a left-over: an answer was lost, or its release is on its way.
      if (row.incarnation !== incarnation && !(await this.member.isGone(row.incarnation))) throw new NameTaken(row);
      row = await storage.claim(claim, row);
    }
  }

  /** Nothing held counts until it is claimed again: the lease had run out. */
  private onLate(): void {
    if (this.lapses > 0) this.options.onEvent?.({ kind: 'lease lapsed' });
    this.lapses += 1;
    for (const held of this.held.values()) held.isProven = false;
    this.settle();
  }

  /** Brings the storage and what is here together; whatever fails is tried again at the next view. */
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

  /** Rows of ours that nobody here knows of: the answer to their claim was lost, or their release was. */
  private async sweep(): Promise<void> {
    if (this.nowMs < this.sweepAtMs) return;
    const { storage, incarnation } = this.options;
    const rows = await storage.list(incarnation);
    const left = rows.map(({ claim }) => claim).filter((claim) => !this.claims.has(claim));
    if (left.length > 0) await storage.release(left);
    const { nowMs } = this;
    this.sweepAtMs = nowMs + (nowMs < this.doubtUntilMs ? 1 : SWEEP_LEASES) * this.leaseMs;
  }

  /** A call that failed may have had its effect, or may still have it later. */
  private doubt(): void {
    this.sweepAtMs = this.nowMs;
    this.doubtUntilMs = this.nowMs + SWEEP_LEASES * this.leaseMs;
  }

  private lose(key: string, held: Held): void {
    if (this.held.get(key) !== held) return;
    const [entry] = this.local.lookup(key);
    assert(entry !== undefined, 'what is held has an entry');
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

  /** All that end in one turn are one call. */
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
