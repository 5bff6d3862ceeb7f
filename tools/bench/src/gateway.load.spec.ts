import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from './load/report.ts';
import { runScript } from './testing/run-script.ts';

describe('the gateway benchmark', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-bench-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('drives Aisle and its peers, and finds every acknowledged add in the baskets', async () => {
    const json = join(folder, 'report.json');

    await runScript('gateway.ts', '--quick', `--json=${json}`, `--cpu-prof=${folder}`);

    const { measured, discrepancies } = JSON.parse(readFileSync(json, 'utf8')) as Report;
    expect(discrepancies).toEqual([]);
    expect(new Set(measured.map(({ contender }) => contender.name))).toEqual(new Set(['typeorm', 'redis', 'prototype', 'aisle']));
    expect(measured.filter(({ addsPerSecond, refused, doubtful }) => addsPerSecond === 0 || refused + doubtful > 0)).toEqual([]);
  });

  it('leaves profiles that can be read', async () => {
    const stdout = await runScript('profile-top.ts', join(folder, 'aisle', 'gateway'));

    expect(stdout).toMatch(/busy for \d+\.\d s of \d+\.\d s\npackage +self\n.+ \d+\.\d %\n/);
  });
});
