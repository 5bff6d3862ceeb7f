import { sleep } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { paced } from './paced-lines.ts';

describe('lines that are mapped in slices', () => {
  it.each([0, 3, 25, 26, 60])('keep their order with %i lines', async (count) => {
    const runtime = new VirtualRuntime();
    const lines = Array.from({ length: count }, (_, number) => number);

    const mapped = paced(lines, runtime, async (line) => -line);
    await runtime.advance(1_000);

    expect(await mapped).toEqual(lines.map((line) => -line));
  });

  it('let other work run between the slices of 25', async () => {
    const runtime = new VirtualRuntime();
    let begun = 0;
    const mapped = paced(Array.from({ length: 60 }), runtime, async () => {
      begun += 1;
      await sleep(runtime, 1);
    });

    const seen: number[] = [];
    for (let ms = 0; ms < 12; ms += 1) {
      await runtime.advance(1);
      seen.push(begun);
    }

    await mapped;
    expect(seen).toEqual([25, 25, 25, 25, 50, 50, 50, 50, 50, 60, 60, 60]);
  });
});
