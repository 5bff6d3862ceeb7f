import { DENIALS_MAX, DenialKind, type Denial, type DenialList, type NewDenial, type Principal } from '@aisle/contracts';
import type { Runtime } from '@aisle/std';
import type { Keyring } from '../keys/keyring.ts';
import { DenialFailure } from './denial-failures.ts';
import type { DenialKey, DenialRepository, StoredDenial } from './denial.repository.ts';

/** The parts that `Denials` uses. */
export interface DenialsOptions {
  readonly repository: Pick<DenialRepository, 'put' | 'delete' | 'page'>;
  readonly keyring: Pick<Keyring, 'refresh'>;
  readonly runtime: Runtime;
}

/** A token or a user, as a path names it. */
type Denied = Omit<DenialKey, 'tenant'>;

/** The denials of a principal's tenant. */
export class Denials {
  constructor(private readonly options: DenialsOptions) {}

  /**
   * Denies a token or a user. This gateway refuses it when the promise resolves, and every other one after its next read. Throws
   * `DenialFailure.alreadyExpired` or `DenialFailure.tooMany`.
   */
  async put({ tenant, name }: Principal, denied: Denied, { expiresAt }: NewDenial): Promise<Denial> {
    const { repository, keyring, runtime } = this.options;
    const nowMs = runtime.clock.nowMs();
    const expiresAtMs = expiresAt === undefined ? null : Date.parse(expiresAt);
    if (expiresAtMs !== null && expiresAtMs <= nowMs) throw DenialFailure.alreadyExpired();
    const denial: StoredDenial = { tenant, ...denied, createdAtMs: nowMs, createdBy: name, expiresAtMs };
    if (!(await repository.put(denial, DENIALS_MAX))) throw DenialFailure.tooMany(DENIALS_MAX);
    await keyring.refresh();
    return denialView(denial);
  }

  /** Accepts a token or a user again. Throws `DenialFailure.missing`. */
  async delete({ tenant, name }: Principal, denied: Denied): Promise<void> {
    const { repository, keyring, runtime } = this.options;
    const isDeleted = await repository.delete({ tenant, ...denied }, { atMs: runtime.clock.nowMs(), by: name });
    if (!isDeleted) throw DenialFailure.missing(denied.kind, denied.id);
    await keyring.refresh();
  }

  /** A page of the denials that have not ended. */
  async list({ tenant }: Principal, { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }): Promise<DenialList> {
    const { repository, runtime } = this.options;
    const rows = await repository.page(tenant, afterOf(cursor), runtime.clock.nowMs(), limit + 1);
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return { items: page.map(denialView), next: last ? `${last.kind}/${last.id}` : null };
  }
}

function afterOf(cursor: string | undefined): { readonly kind: string; readonly id: string } {
  if (cursor === undefined) return { kind: '', id: '' };
  const at = cursor.indexOf('/');
  const kind = cursor.slice(0, Math.max(at, 0));
  if (!DenialKind.safeParse(kind).success) throw DenialFailure.cursorInvalid();
  return { kind, id: cursor.slice(at + 1) };
}

function denialView({ kind, id, createdAtMs, createdBy, expiresAtMs }: StoredDenial): Denial {
  return { kind, id, createdAt: instantOf(createdAtMs), createdBy, expiresAt: expiresAtMs === null ? null : instantOf(expiresAtMs) };
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}
