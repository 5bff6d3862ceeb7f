import type { FastifyReply } from 'fastify';
import type { BasketReply } from '@aisle/contracts';

/** Sends a basket's document as it came, its version as `ETag`. */
export function sendBasket(reply: FastifyReply, basket: BasketReply): void {
  if (basket.replayed) void reply.header('idempotent-replayed', 'true');
  void reply
    .code(basket.created ? 201 : 200)
    .header('etag', `"${basket.version}"`)
    .type('application/json; charset=utf-8')
    .send(basket.json);
}
