import { KEY_LIMITS, type ApiKey, type IssuedKey, type KeyList, type NewKey, type Principal } from '@aisle/contracts';
import type { Runtime } from '@aisle/std';
import { grantOf, isRuler } from './grant.ts';
import { KeyFailure } from './key-failures.ts';
import type { KeyRepository, StoredKey } from './key.repository.ts';
import type { Keyring } from './keyring.ts';
import { mintKey } from './secret.ts';

const CURSOR = /^[0-9a-f]{32}$/;

/** The API keys of a principal's tenant. The administrator has those of all tenants. */
export class Keys {
  constructor(
    private readonly repository: KeyRepository,
    private readonly keyring: Keyring,
    private readonly runtime: Runtime,
    /** The limit of requests of a creator without one of its own. */
    private readonly ratePerSecond: number,
  ) {}

  /** Issues a key. This gateway accepts it when the promise resolves, and every other one after its next read. */
  async issue(creator: Principal, wanted: NewKey): Promise<IssuedKey> {
    const nowMs = this.runtime.clock.nowMs();
    const expiresAtMs = wanted.expiresAt === undefined ? null : Date.parse(wanted.expiresAt);
    if (expiresAtMs !== null && expiresAtMs <= nowMs) throw KeyFailure.alreadyExpired();
    const { id, text, digest } = mintKey(this.runtime);
    const { name, scopes } = wanted;
    const key: StoredKey = {
      id, name, digest, scopes: [...new Set(scopes)], ...grantOf(creator, wanted, this.ratePerSecond), createdAtMs: nowMs, createdBy: creator.name, expiresAtMs, usedAtMs: null,
    };
    if (!(await this.repository.insert(key, KEY_LIMITS.keys))) throw KeyFailure.tooMany(KEY_LIMITS.keys);
    await this.keyring.refresh();
    return { ...keyView(key), key: text };
  }

  /** A page of the keys that are not revoked, oldest first. */
  async list(reader: Principal, { limit, cursor = '' }: { readonly limit: number; readonly cursor?: string | undefined }): Promise<KeyList> {
    if (cursor !== '' && !CURSOR.test(cursor)) throw KeyFailure.cursorInvalid();
    const rows = await this.repository.page(tenantOf(reader), cursor, limit + 1);
    const page = rows.slice(0, limit);
    return { items: page.map(keyView), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  /** Throws `KeyFailure.missing`. */
  async read(reader: Principal, id: string): Promise<ApiKey> {
    const key = await this.repository.read(tenantOf(reader), id);
    if (!key) throw KeyFailure.missing(id);
    return keyView(key);
  }

  /** Revokes a key for good. Throws `KeyFailure.missing`. */
  async revoke(revoker: Principal, id: string): Promise<void> {
    const revoked = await this.repository.revoke(tenantOf(revoker), id, { atMs: this.runtime.clock.nowMs(), by: revoker.name });
    if (!revoked) throw KeyFailure.missing(id);
    await this.keyring.refresh();
  }
}

function tenantOf(principal: Principal): string | undefined {
  return isRuler(principal) ? undefined : principal.tenant;
}

function keyView({ id, name, tenant, scopes, markets, ratePerSecond, createdAtMs, createdBy, expiresAtMs, usedAtMs }: StoredKey): ApiKey {
  return {
    id, name, tenant, scopes: [...scopes], ...(markets ? { markets: [...markets] } : {}),
    ...(ratePerSecond === null ? {} : { ratePerSecond }), createdAt: instantOf(createdAtMs), createdBy,
    expiresAt: expiresAtMs === null ? null : instantOf(expiresAtMs), lastUsedAt: usedAtMs === null ? null : instantOf(usedAtMs),
  };
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}
