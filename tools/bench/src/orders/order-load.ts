import { randomUUID } from 'node:crypto';
import { HttpConnection, postRequest, type Address } from '../load/http-connection.ts';

/** The parameters of the sending. */
export interface OrderLoad {
  readonly address: Address;
  /** Keep-alive connections, each with one request in flight. */
  readonly clients: number;
  readonly orders: number;
  readonly market: string;
  /** The one product that all of them order. */
  readonly sku: string;
}

/**
 * Sends orders of one unit as fast as they are accepted. Throws if one is refused. Returns the number of accepted ones.
 */
export async function sendOrders({ address, clients, orders, market, sku }: OrderLoad): Promise<number> {
  const body = JSON.stringify({ market, lines: [{ sku, quantity: 1 }] });
  const [before = '', after = ''] = postRequest(address, '/v1/orders', body, 'idempotency-key: ?\r\n').split('?');
  const keys = randomUUID().slice(0, 24);
  let sent = 0;
  let taken = 0;
  const client = async (): Promise<void> => {
    const connection = new HttpConnection(address);
    while (sent < orders) {
      const key = keys + (sent++).toString(16).padStart(12, '0');
      for (;;) {
        const reply = await connection.send(before + key + after);
        if (reply.status === 429 || reply.status >= 503) continue;
        if (reply.status >= 300) throw new Error(`an order was answered ${reply.status}: ${reply.body}`);
        break;
      }
      taken += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return taken;
}
