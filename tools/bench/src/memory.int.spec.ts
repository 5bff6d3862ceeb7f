import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MemoryFigures } from './memory/memory-bench.ts';

const root = join(__dirname, '../../..');

describe('the memory benchmark', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-bench-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps no more baskets live than it may, and weighs them and what an add writes', async () => {
    const hook = join(root, 'tools/dev/swc-hook.mjs');
    const json = join(folder, 'figures.json');
    const command = [
      '--conditions=@aisle/source', '--import', hook, join(__dirname, 'memory.ts'), '--quick', `--json=${json}`,
    ];

    await promisify(execFile)(process.execPath, command, { cwd: root });

    const { perBasket, samples, wal } = JSON.parse(readFileSync(json, 'utf8')) as MemoryFigures;
    expect([perBasket.few.liveBaskets, perBasket.many.liveBaskets]).toEqual([10, 100]);
    expect(perBasket.bytes).toBeGreaterThan(0);
    expect(samples.length).toBeGreaterThan(0);
    expect(Math.max(...samples.map(({ liveBaskets }) => liveBaskets))).toBeLessThanOrEqual(100);
    expect(wal.map(({ lines, bytes }) => [lines, bytes > 0])).toEqual([1, 10, 100, 500].map((lines) => [lines, true]));
  }, 120_000);
});
