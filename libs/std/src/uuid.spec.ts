import { systemRuntime } from './runtime.ts';
import { VirtualRuntime } from './testing/virtual-runtime.ts';
import { uuidv7 } from './uuid.ts';

describe('uuidv7', () => {
  it('carries its time, version and variant as RFC 9562 lays them out', () => {
    const runtime = new VirtualRuntime(7, Date.UTC(2026, 10, 21));

    const id = uuidv7(runtime);

    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(Date.UTC(2026, 10, 21));
  });

  it('never repeats, across the blocks of randomness it draws', () => {
    const ids = Array.from({ length: 10_000 }, () => uuidv7(systemRuntime));

    expect(new Set(ids).size).toBe(10_000);
  });
});
