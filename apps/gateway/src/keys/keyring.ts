import type { Principal } from '@aisle/contracts';
import type { Logger } from '@aisle/platform';
import { errorFields } from '@aisle/platform';
import type { Runtime, Timer } from '@aisle/std';
import type { DenialChange, DenialKey, DenialRepository } from '../denials/denial.repository.ts';
import type { KeyRepository, StoredKey } from './key.repository.ts';

/** A valid key in memory. */
export interface HeldKey {
  readonly digest: Buffer;
  readonly expiresAtMs: number;
  readonly principal: Principal;
  /** The last use that is not recorded yet; 0 if there is none. */
  usedAtMs: number;
}

/** The surroundings of a `Keyring`. */
export interface KeyringOptions {
  readonly repository: Pick<KeyRepository, 'changesAfter' | 'recordUse'>;
  readonly denials: Pick<DenialRepository, 'changesAfter'>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Keys in memory count for this long after they were last known to be up to date. */
  readonly staleAfterMs: number;
}

// Half of the shortest time for which keys are trusted.
const READ_EVERY_MS = 500;
/** Without a request with a key for this long, nothing is read: the next one waits for a read. */
const UNUSED_AFTER_MS = 10_000;
const RECORD_EVERY_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

/**
 * The valid keys and the denials of all tenants in memory. It reads their changes from PostgreSQL every 500 ms while they are in use. So
 * a revoked key or a denied token is dead on every gateway within a second, and a gateway that cannot read trusts no key and no token for
 * longer than `staleAfterMs`.
 */
export class Keyring {
  private readonly keys = new Map<string, HeldKey>();
  /** The ends of denials. */
  private readonly denied = new Map<string, number>();
  private revision = 0;
  private readAtMs = -Infinity;
  private askedAtMs = -Infinity;
  private reading: Promise<void> | undefined;
  private following: Promise<void> | undefined;
  private isAway = false;
  private timers: Timer[] = [];

  constructor(private readonly options: KeyringOptions) {}

  start(): void {
    const { timers } = this.options.runtime;
    this.timers = [
      timers.every(READ_EVERY_MS, () => this.readIfUsed(), { background: true }),
      timers.every(RECORD_EVERY_MS, () => void this.recordUse(), { background: true }),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) timer.cancel();
    await this.reading?.catch(() => undefined);
    await this.recordUse();
  }

  /** The key of an id, if it may be trusted without a read. It may have expired. */
  trusted(id: string): HeldKey | undefined {
    return this.isCurrent() ? this.keys.get(id) : undefined;
  }

  /** Whether keys and denials may be trusted without a read. */
  isCurrent(): boolean {
    this.askedAtMs = this.options.runtime.clock.monotonicMs();
    return this.askedAtMs - this.readAtMs <= this.options.staleAfterMs;
  }

  /** Whether the token or the user of a principal is denied, as of the last read. */
  isDenied({ tenant, kind, id, tokenId }: Pick<Principal, 'tenant' | 'kind' | 'id' | 'tokenId'>): boolean {
    if (kind === 'shopper') return this.isInForce({ tenant, kind: 'tokens', id });
    if (kind !== 'user') return false;
    return this.isInForce({ tenant, kind: 'users', id }) || (tokenId !== undefined && this.isInForce({ tenant, kind: 'tokens', id: tokenId }));
  }

  /** The key of an id as of the last read, unless it is unknown or revoked. It may have expired. */
  find(id: string): HeldKey | undefined {
    return this.keys.get(id);
  }

  /** Reads the changes of all keys that were committed before this call. Callers at the same time share a read. */
  refresh(): Promise<void> {
    // A read that has begun may have missed the latest change.
    this.following ??= (this.reading ?? Promise.resolve()).catch(() => undefined).then(() => {
      this.following = undefined;
      return this.read();
    });
    return this.following;
  }

  private isInForce(key: DenialKey): boolean {
    const endsAtMs = this.denied.get(nameOf(key));
    return endsAtMs !== undefined && endsAtMs > this.options.runtime.clock.nowMs();
  }

  private readIfUsed(): void {
    const isUsed = this.options.runtime.clock.monotonicMs() - this.askedAtMs <= UNUSED_AFTER_MS;
    if (isUsed && !this.reading) void this.read().catch(() => undefined);
  }

  private read(): Promise<void> {
    this.reading = this.readOnce().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async readOnce(): Promise<void> {
    const { repository, denials, runtime: { clock }, logger } = this.options;
    const begunAtMs = clock.monotonicMs();
    try {
      const { revision, changed } = await repository.changesAfter(this.revision);
      // A restored database has an earlier revision, and every key may differ.
      if (revision < this.revision) {
        this.keys.clear();
        this.denied.clear();
        this.revision = 0;
        return await this.readOnce();
      }
      // Read after the revision, so none of its denials is missed.
      if (revision > this.revision) this.deny(await denials.changesAfter(this.revision));
      for (const { isRevoked, ...key } of changed) {
        if (isRevoked) this.keys.delete(key.id);
        else this.keys.set(key.id, heldKey(key));
      }
      this.revision = revision;
      this.readAtMs = begunAtMs;
      if (this.isAway) logger.info('api keys readable again');
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) logger.warn('api keys not read', errorFields(error));
      this.isAway = true;
      throw error;
    }
  }

  private deny(changes: readonly DenialChange[]): void {
    for (const { isDeleted, expiresAtMs, ...key } of changes) {
      if (isDeleted) this.denied.delete(nameOf(key));
      else this.denied.set(nameOf(key), expiresAtMs ?? Infinity);
    }
  }

  /** Records uses, and forgets keys and denials that expired a day ago. Until then the clock may still be corrected. */
  private async recordUse(): Promise<void> {
    const expiredBeforeMs = this.options.runtime.clock.nowMs() - DAY_MS;
    for (const [id, { expiresAtMs }] of this.keys) if (expiresAtMs < expiredBeforeMs) this.keys.delete(id);
    for (const [name, endsAtMs] of this.denied) if (endsAtMs < expiredBeforeMs) this.denied.delete(name);
    const used = [...this.keys].filter(([, { usedAtMs }]) => usedAtMs > 0);
    if (used.length === 0) return;
    const uses = used.map(([id, { usedAtMs: atMs }]) => ({ id, atMs }));
    for (const [, key] of used) key.usedAtMs = 0;
    await this.options.repository.recordUse(uses).catch((error: unknown) => {
      this.options.logger.warn('use of api keys not recorded', errorFields(error));
    });
  }
}

function nameOf({ tenant, kind, id }: DenialKey): string {
  return JSON.stringify([tenant, kind, id]);
}

function heldKey({ id, tenant, digest, scopes, markets, ratePerSecond, expiresAtMs }: StoredKey): HeldKey {
  return {
    digest,
    expiresAtMs: expiresAtMs ?? Infinity,
    principal: {
      tenant, id, name: `key/${id}`, kind: 'key', scopes: new Set(scopes), ...(markets ? { markets: new Set(markets) } : {}),
      ...(ratePerSecond === null ? {} : { ratePerSecond }),
    },
    usedAtMs: 0,
  };
}
