import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { MemoryStrategyStore } from '../lifecycle/strategy-store.ts';
import { SandboxedRollout } from '../lifecycle/sandboxed-rollout.ts';
import { off, startSandbox } from '../testing/script-shop.ts';
import { FolderWatcher, type FolderEvent } from './folder-watcher.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

describe('FolderWatcher', () => {
  const runtime = systemRuntime;
  let sandbox: Sandbox;
  let path: string;
  let store: MemoryStrategyStore;
  let rollout: SandboxedRollout;
  let folder: FolderWatcher;
  let events: FolderEvent[];
  beforeAll(async () => {
    sandbox = await startSandbox({ workers: 1 });
  });
  afterAll(() => sandbox.close());
  beforeEach(() => {
    // The folder does not exist yet, as on a new machine.
    path = join(mkdtempSync(join(tmpdir(), 'aisle-')), 'strategies');
    store = new MemoryStrategyStore();
    events = [];
    rollout = new SandboxedRollout({ store, sandbox, runtime });
    folder = new FolderWatcher({ folder: path, rollout, runtime, onEvent: (event) => events.push(event) });
  });
  afterEach(async () => {
    await folder.stop();
    rmSync(dirname(path), { recursive: true });
  });

  const save = (version: string, amountMinor: number) => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'tea.ts'), off(amountMinor, { name: 'tea', version, tests: [teaTest(amountMinor)] }));
  };

  it('activates the present files, and then saved ones', async () => {
    save('1', 5);
    await folder.start();
    expect((await store.find('tea'))?.active).toBe('1');

    save('2', 6);

    await eventually(async () => (await store.find('tea'))?.active === '2');
    expect(events).toEqual(Array(2).fill({ file: 'tea.ts', outcome: 'active', problems: [] }));
  });

  it('creates a missing folder and waits in it', async () => {
    await folder.start();

    save('1', 5);

    await eventually(async () => (await store.find('tea'))?.active === '1');
  });

  it('keeps later decisions at a restart, and activates again on a save', async () => {
    save('1', 5);
    await folder.start();
    await rollout.rollOut('tea', { state: 'off' }, { by: 'somebody' });
    await folder.stop();

    await folder.start();
    expect((await store.find('tea'))?.active).toBeUndefined();

    save('1', 5);
    await eventually(async () => (await store.find('tea'))?.active === '1');
  });

  it('keeps the active version when a saved file is wrong, and reports the reason', async () => {
    save('1', 5);
    await folder.start();

    writeFileSync(join(path, 'tea.ts'), 'export default {');

    await eventually(() => events.length === 2);
    expect(events[1]).toMatchObject({ file: 'tea.ts', outcome: 'refused', problems: [expect.stringMatching(/^1:/)] });
    expect((await store.find('tea'))?.active).toBe('1');
  });

  it('stores nothing of a file that fails its tests, so that it can be mended under the same version', async () => {
    await folder.start();
    writeFileSync(join(path, 'tea.ts'), off(5, { name: 'tea', version: '1', tests: [teaTest(6)] }));
    await eventually(() => events.length === 1);
    expect(events[0]).toEqual({ file: 'tea.ts', outcome: 'refused', problems: [expect.stringMatching(/expected 94/)] });

    save('1', 5);

    await eventually(async () => (await store.find('tea'))?.active === '1');
  });

  it('refuses other bytes under a known version', async () => {
    save('1', 5);
    await folder.start();

    save('1', 6);

    await eventually(() => events.length === 2);
    expect(events[1]).toEqual({ file: 'tea.ts', outcome: 'refused', problems: [expect.stringMatching(/^this version exists/)] });
  });
});

function teaTest(amountMinor: number) {
  return {
    name: 'takes it off', input: { sku: 'GR1', quantity: 1, unitPriceMinor: 100, netMinor: 100 },
    expect: { netMinor: 100 - amountMinor },
  };
}
