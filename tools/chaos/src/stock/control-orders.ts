import { wait, type Ground } from '../nemeses/nemesis.ts';
import { askUntilDone } from '../workload/ask-until.ts';

const MARKET = 'control';
const ORDERS = 6;
const DECIDED_WITHIN_MS = 30_000;
const AGAIN_MS = 250;
/** Orders expire after 8 s here. If they take this long without faults, nothing can be concluded. */
const IDLE_MS_MAX = 2_500;

/**
 * Orders for plentiful products: some without faults, some when the fault begins, and some right after it. All must be
 * confirmed, unless such orders fail, or nearly fail, without faults as well.
 */
export async function watchOrders(ground: Ground): Promise<() => Promise<void>> {
  const gateway = (): string | undefined => ground.system.gatewayUrl;
  await askUntilDone(gateway, { method: 'PUT', path: `/v1/markets/${MARKET}`, body: { currency: 'GBP' } });
  const product = { sku: 'plenty', name: 'Plenty', price: { amount: 1, currency: 'GBP' }, quantity: 1_000_000 };
  await askUntilDone(gateway, { method: 'POST', path: `/v1/markets/${MARKET}/products`, body: product });
  // The first ones may come before their product is known where orders are priced.
  await ends(ground, await place(ground));
  const sinceMs = Date.now();
  const idle = await ends(ground, await place(ground));
  const idleMs = Date.now() - sinceMs;
  const before = await place(ground);
  return async () => {
    const behind = await place(ground);
    const decided = await ends(ground, [...before, ...behind]);
    if (lost(idle) > 0 || idleMs > IDLE_MS_MAX || lost(decided) === 0) return;
    ground.violated('P12', `${lost(decided)} of ${decided.length} orders beside poison events: ${[...new Set(decided)].join(', ')}`);
  };
}

function lost(statuses: readonly string[]): number {
  return statuses.filter((status) => status !== 'CONFIRMED').length;
}

async function place(ground: Ground): Promise<string[]> {
  const body = { market: MARKET, lines: [{ sku: 'plenty', quantity: 1 }] };
  return Promise.all(Array.from({ length: ORDERS }, async () =>
    (await askUntilDone<{ id?: string }>(() => ground.system.gatewayUrl, { method: 'POST', path: '/v1/orders', body })).id ?? ''));
}

/** The status of each once it is decided, or its present status when that takes too long. */
async function ends(ground: Ground, ids: readonly string[]): Promise<string[]> {
  const untilMs = Date.now() + DECIDED_WITHIN_MS;
  return Promise.all(ids.map(async (id) => {
    for (;;) {
      const { status = 'unknown' } = await askUntilDone<{ status?: string }>(
        () => ground.system.gatewayUrl, { method: 'GET', path: `/v1/orders/${id}` });
      if (!['PENDING', 'RESERVED', 'unknown'].includes(status) || Date.now() > untilMs) return status;
      await wait(AGAIN_MS);
    }
  }));
}
