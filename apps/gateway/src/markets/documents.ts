import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identifier, type DocumentReply } from '@aisle/contracts';
import { HttpRefusal } from '@aisle/platform';
import { isFailure } from '@aisle/std';
import type { Caller } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { etagOf, sendCurrent } from '../conditions/conditions.ts';

export const MarketPath = z.strictObject({ market: Identifier });
export type MarketPath = z.infer<typeof MarketPath>;
export const ProductPath = MarketPath.extend({ sku: Identifier });
export type ProductPath = z.infer<typeof ProductPath>;

/** A request for a document of a market, and how it is answered. */
export interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The document's version does not say all that it shows. */
  readonly restated?: boolean;
}

/** Sends a document as it came: its version as `ETag` where it has one. */
export function sendRead({ request, reply, restated }: Asked, document: DocumentReply): void {
  if (document.version > 0) sendCurrent(request, reply, { ...document, restated });
  else void reply.type('application/json; charset=utf-8').send(document.json);
}

/** Runs a command under the request's `Idempotency-Key` and sends the document as it is by that. */
export async function sendChanged(
  { request, reply, restated }: Asked,
  run: (caller: Caller) => Promise<DocumentReply>,
  location?: (document: { sku: string }) => string,
): Promise<void> {
  const commandId = commandIdOf(request.headers['idempotency-key']);
  void reply.header('idempotency-key', commandId);
  const document = await run({ commandId, traceparent: request.traceparent }).catch(throwRequired);
  if (document.replayed) void reply.header('idempotent-replayed', 'true');
  if (document.json === '') return void reply.code(204).send();
  if (location && document.created) void reply.header('location', location(JSON.parse(document.json) as { sku: string }));
  void reply
    .code(document.created ? 201 : 200)
    .header('etag', etagOf({ ...document, restated }))
    .type('application/json; charset=utf-8')
    .send(document.json);
}

/** The market alone knows whether something is replaced; HTTP has a status of its own for it (RFC 6585, section 3). */
function throwRequired(failure: unknown): never {
  throw isFailure(failure) && failure.code === 'precondition.required' ? new HttpRefusal(428, failure) : failure;
}
