import { runQuick } from './testing/run-script.ts';

interface Found {
  readonly rows: readonly { readonly name: string; readonly pssMiB: number }[];
  readonly bars: readonly { readonly name: string; readonly found: number }[];
}

describe('the idle system', () => {
  it('is measured by process, apps and servers alike', async () => {
    const { found, stdout } = await runQuick<Found>('idle.ts');

    expect(found.rows.map(({ name }) => name)).toEqual([
      'gateway', 'inventory', 'orders', 'producer-consumer', 'basket-manager-1', 'basket-manager-2', 'basket-server-1', 'basket-server-2',
      'market', 'redis-server', 'postgres',
    ]);
    for (const { pssMiB } of found.rows) expect(pssMiB).toBeGreaterThan(0);
    expect(found.bars.map(({ name }) => name)).toEqual(['CPU, ms/s', 'memory, MiB', 'WAL, MB a day, full pages apart']);
    expect(stdout).toMatch(/^commits\/s: /m);
  });
});
