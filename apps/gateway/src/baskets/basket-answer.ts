import type { FastifyReply } from 'fastify';
import type { DocumentReply } from '@aisle/contracts';
import { etagOf } from '../conditions/conditions.ts';

/** Sends the basket's document after a change as it came, its version as `ETag`. */
export function sendBasket(reply: FastifyReply, basket: DocumentReply): void {
  if (basket.replayed) void reply.header('idempotent-replayed', 'true');
  void reply
    .code(basket.created ? 201 : 200)
    .header('etag', etagOf(basket))
    .type('application/json; charset=utf-8')
    .send(basket.json);
}
