import type { FastifyReply } from 'fastify';
import type { BasketReply } from '@aisle/contracts';

/** Sends a basket's document as it came, its version as `ETag`. */
export function sendBasket(reply: FastifyReply, basket: BasketReply): void {
  void reply
    .code(basket.created ? 201 : 200)
    .header('etag', `"${basket.version}"`)
    .type('application/json; charset=utf-8')
    .send(basket.json);
}
