import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify, type ProcessIdentity } from './identity.ts';
import { claimLock, lockHolder } from './lock.ts';

describe('the lock of a data folder', () => {
  const own = identify(process.pid)!;
  const gone: ProcessIdentity = { pid: process.pid, born: 'in another life' };
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-lock-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has one holder', () => {
    const lock = claimLock(folder, own);

    expect(lock?.isHeld()).toBe(true);
    expect(lockHolder(folder)).toEqual(own);
    expect(claimLock(folder, own)).toBeUndefined();
  });

  it('is free again once released', () => {
    claimLock(folder, own)?.release();

    expect(lockHolder(folder)).toBeUndefined();
    expect(claimLock(folder, own)?.isHeld()).toBe(true);
  });

  it('passes on from a holder that is gone, even when its pid lives on in another process', () => {
    const lost = claimLock(folder, gone);

    const taken = claimLock(folder, own);

    expect([lost?.isHeld(), taken?.isHeld()]).toEqual([false, true]);
  });

  it('leaves one file behind after any history', () => {
    claimLock(folder, gone);
    claimLock(folder, gone);
    claimLock(folder, own);

    expect(readdirSync(folder)).toEqual(['lock.3']);
  });

  it('is lost with its folder', () => {
    const lock = claimLock(folder, own);

    rmSync(folder, { recursive: true });

    expect(lock?.isHeld()).toBe(false);
  });
});
