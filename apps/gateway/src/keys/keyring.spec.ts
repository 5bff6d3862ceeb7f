import { createLogger } from '@aisle/platform';
import { VirtualRuntime } from '@aisle/std/testing';
import type { DenialChange } from '../denials/denial.repository.ts';
import type { KeyChanges, StoredKey } from './key.repository.ts';
import { Keyring } from './keyring.ts';

const DAY_MS = 24 * 60 * 60_000;

describe('the keyring', () => {
  it('holds the keys that are valid, and reads changes every half second while keys are in use', async () => {
    const { keyring, runtime, database } = setUp({ tea: 1 });
    keyring.start();
    await keyring.refresh();
    expect(keyring.trusted('tea')?.principal).toEqual({
      tenant: 'default', id: 'tea', name: 'key/tea', kind: 'key', scopes: new Set(['baskets:read']),
    });

    database.change('milk');
    database.revoke('tea');
    await runtime.advance(499);
    expect(keyring.find('tea')).toBeDefined();
    await runtime.advance(1);

    expect(['tea', 'milk'].map((id) => keyring.find(id) !== undefined)).toEqual([false, true]);
    expect(database.askedAfter).toEqual([0, 1]);
    await keyring.stop();
  });

  it('reads nothing while no key is in use', async () => {
    const { keyring, runtime, database } = setUp({ tea: 1 });
    keyring.start();
    await runtime.advance(60_000);
    expect(database.askedAfter).toEqual([]);

    keyring.trusted('tea');
    await runtime.advance(60_000);

    expect(database.askedAfter).toHaveLength(20);
    expect(keyring.trusted('tea')).toBeUndefined();
    await keyring.stop();
  });

  it('is trusted for a second after the begin of the last read that succeeded', async () => {
    const { keyring, runtime, database, logs } = setUp({ tea: 1 });
    keyring.start();
    expect(keyring.trusted('tea')).toBeUndefined();
    await keyring.refresh();

    database.isAway = true;
    await runtime.advance(1_000);
    expect(keyring.trusted('tea')).toBeDefined();
    await runtime.advance(1);
    expect(keyring.trusted('tea')).toBeUndefined();
    await expect(keyring.refresh()).rejects.toThrow('away');

    database.isAway = false;
    await keyring.refresh();
    expect(keyring.trusted('tea')).toBeDefined();
    expect(logs.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['api keys not read', 'api keys readable again']);
    await keyring.stop();
  });

  it('sees on request each change before it, although a read is under way, and shares such reads', async () => {
    const { keyring, runtime, database } = setUp({ tea: 1 });
    database.hold();
    const first = keyring.refresh();
    await runtime.settle();
    database.change('milk');

    const refreshed = Promise.all([keyring.refresh(), keyring.refresh()]);
    database.release();
    await Promise.all([first, refreshed]);

    expect(keyring.find('milk')).toBeDefined();
    expect(database.askedAfter).toEqual([0, 1]);
    await runtime.settle();
    await keyring.stop();
  });

  it('begins again when the database was restored to an earlier state', async () => {
    const { keyring, database } = setUp({ tea: 7, milk: 8 });
    await keyring.refresh();

    database.restore({ bread: 3 });
    await keyring.refresh();

    expect(['tea', 'milk', 'bread'].map((id) => keyring.find(id) !== undefined)).toEqual([false, false, true]);
  });

  it('records each use once, within a minute, and at its stop', async () => {
    const { keyring, runtime, database } = setUp({ tea: 1, milk: 2 });
    keyring.start();
    await keyring.refresh();
    use(keyring, 'tea', 10);
    await runtime.advance(60_000);
    expect(database.recorded).toEqual([[{ id: 'tea', atMs: 10 }]]);

    await runtime.advance(60_000);
    use(keyring, 'milk', 20);
    await keyring.stop();

    expect(database.recorded.slice(1)).toEqual([[{ id: 'milk', atMs: 20 }]]);
    expect(runtime.pendingTimers).toBe(0);
  });

  it('forgets a key a day after it has expired', async () => {
    const { keyring, runtime, database } = setUp({ tea: 1 }, 60_000);
    database.expiresAtMs = runtime.clock.nowMs() + 1_000;
    keyring.start();
    await keyring.refresh();
    await runtime.advance(DAY_MS - 60_000);
    expect(keyring.find('tea')).toBeDefined();
    await runtime.advance(120_000);

    expect(keyring.find('tea')).toBeUndefined();
    await keyring.stop();
  });

  it('denies a token, or all of a user, in one tenant, until the denial ends or is deleted', async () => {
    const { keyring, runtime, database } = setUp({ tea: 1 });
    const [user, other] = [{ tenant: 'default', kind: 'user', id: 'ann', tokenId: 't1' }, { tenant: 'north', kind: 'user', id: 'ann', tokenId: 't1' }] as const;
    const shopper = { tenant: 'default', kind: 'shopper', id: 's1' } as const;
    const deniedAmong = (): boolean[] => [user, other, shopper, { ...user, id: 'bob', tokenId: 't2' }].map((one) => keyring.isDenied(one));

    for (const [kind, id] of [['tokens', 't1'], ['tokens', 's1'], ['users', 'bob']] as const) database.deny({ kind, id, expiresAtMs: runtime.clock.nowMs() + 1_000 });
    await keyring.refresh();
    expect(deniedAmong()).toEqual([true, false, true, true]);

    database.deny({ kind: 'tokens', id: 't1', isDeleted: true });
    await keyring.refresh();
    expect(deniedAmong()).toEqual([false, false, true, true]);
    await runtime.advance(1_000);
    expect(deniedAmong()).toEqual([false, false, false, false]);
    expect(database.denialsAskedAfter).toEqual([0, 4]);
  });
});

/** A database of keys, with their revisions by their ids, and of denials. */
class KeyTable {
  readonly askedAfter: number[] = [];
  readonly recorded: unknown[] = [];
  readonly denialsAskedAfter: number[] = [];
  private denials: DenialChange[] = [];
  isAway = false;
  expiresAtMs: number | null = null;
  private readonly revoked = new Set<string>();
  private held: Promise<void> = Promise.resolve();
  release: () => void = () => undefined;

  constructor(private keys: Map<string, number>) {}

  hold(): void {
    this.held = new Promise((resolve) => (this.release = resolve));
  }

  change(id: string): void {
    this.keys.set(id, this.revision + 1);
  }

  revoke(id: string): void {
    this.change(id);
    this.revoked.add(id);
  }

  deny(denial: Pick<DenialChange, 'kind' | 'id'> & Partial<DenialChange>): void {
    this.change('of denials');
    this.denials.push({ tenant: 'default', createdAtMs: 0, createdBy: 'admin', expiresAtMs: null, isDeleted: false, ...denial });
  }

  takeDenials(revision: number): DenialChange[] {
    this.denialsAskedAfter.push(revision);
    return this.denials.splice(0);
  }

  restore(keys: Record<string, number>): void {
    this.keys = new Map(Object.entries(keys));
  }

  async changesAfter(revision: number): Promise<KeyChanges> {
    this.askedAfter.push(revision);
    const found = { revision: this.revision, changed: [...this.keys].filter(([, at]) => at > revision).map(([id]) => this.row(id)) };
    await this.held;
    if (this.isAway) throw new Error('away');
    return found;
  }

  async recordUse(used: unknown): Promise<void> {
    this.recorded.push(used);
  }

  private get revision(): number {
    return Math.max(0, ...this.keys.values());
  }

  private row(id: string): StoredKey & { isRevoked: boolean } {
    return {
      id, tenant: 'default', name: id, digest: Buffer.alloc(32), scopes: ['baskets:read'], markets: null, ratePerSecond: null, createdAtMs: 0, createdBy: 'admin',
      expiresAtMs: this.expiresAtMs, usedAtMs: null, isRevoked: this.revoked.has(id),
    };
  }
}

function use(keyring: Keyring, id: string, atMs: number): void {
  const key = keyring.find(id);
  if (key) key.usedAtMs = atMs;
}

function setUp(keys: Record<string, number>, staleAfterMs = 1_000) {
  const logs: string[] = [];
  const runtime = new VirtualRuntime();
  const database = new KeyTable(new Map(Object.entries(keys)));
  const denials = { changesAfter: async (revision: number): Promise<DenialChange[]> => database.takeDenials(revision) };
  const logger = createLogger({ level: 'info', instance: 'test', pretty: false, destination: { write: (line) => void logs.push(line) } });
  return { runtime, database, logs, keyring: new Keyring({ repository: database, denials, runtime, logger, staleAfterMs }) };
}
