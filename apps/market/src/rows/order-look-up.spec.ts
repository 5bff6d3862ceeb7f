import { systemRuntime as runtime } from '@aisle/std';
import { OrderLookUp } from './order-look-up.ts';

const ID = { tenant: 'default', market: 'm1' };

describe('OrderLookUp', () => {
  it('fails for an id that PostgreSQL does not accept, and for no other look-up of the same turn', async () => {
    const queries: (readonly string[])[] = [];
    const lookUp = new OrderLookUp({
      async lookUp(_id, orderIds) {
        queries.push(orderIds);
        if (orderIds.includes('\0')) throw new TypeError('no text');
        return new Map(orderIds.map((orderId) => [orderId, { revision: orderId.length }]));
      },
    }, runtime);

    const known = await Promise.allSettled(['a', 'bb', '\0', 'bb', 'ccc'].map((orderId) => lookUp.of(ID, orderId)));

    expect(known).toMatchObject([
      { value: { revision: 1 } }, { value: { revision: 2 } }, { reason: new TypeError('no text') }, { value: { revision: 2 } },
      { value: { revision: 3 } },
    ]);
    expect(queries[0]).toEqual(['a', 'bb', '\0', 'ccc']);
  });
});
