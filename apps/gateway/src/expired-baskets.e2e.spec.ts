import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const ABANDONED_AFTER = { ABANDONED_AFTER_MS: '2000' } as Record<string, string>;

describe('an abandoned basket', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem({}, { environmentOf: async () => ABANDONED_AFTER });
  });

  afterAll(() => system.stop());

  it('expires, and is empty before the next add, which continues its versions', async () => {
    const added = await call('POST', 'left/lines', { sku: 'GR1', quantity: 2 });
    expect([added.status, added.body.version]).toEqual([201, 1]);

    await eventually(async () => expect((await call('GET', 'left')).body.code).toBe('basket.expired'));
    const cleared = await call('DELETE', 'left');
    const again = await call('POST', 'left/lines', { sku: 'SR1' });

    expect([cleared.status, cleared.body.code]).toEqual([404, 'basket.expired']);
    expect([again.status, again.body.version, again.body.lines]).toEqual([201, 3, [expect.objectContaining({ sku: 'SR1' })]]);
    expect(system.errors()).toEqual([]);
  });

  async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Answer }> {
    const response = await fetch(`${system.gatewayUrl}/v1/markets/m1/baskets/${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  }
});

interface Answer {
  code?: string;
  version: number;
  lines: unknown[];
}
