import { runQuick } from './testing/run-script.ts';

describe('reads', () => {
  it('are measured with and without a known answer, and a write with and without the basket in its answer', async () => {
    const { found } = await runQuick<readonly { readonly name: string; readonly cpuMs: number }[]>('reads.ts');

    expect(found.map(({ name }) => name)).toEqual([
      'basket of 3 lines', 'product', 'product, known', 'page of 50 products', 'page of 50 products, known', 'add to 20 lines',
      'add to 20 lines, Prefer: return=minimal',
    ]);
    for (const { cpuMs } of found) expect(cpuMs).toBeGreaterThan(0);
  });
});
