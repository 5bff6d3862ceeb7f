import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identifier, type DocumentReply } from '@aisle/contracts';
import { isFailure } from '@aisle/std';
import type { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';

export const MarketPath = z.strictObject({ market: Identifier });
export type MarketPath = z.infer<typeof MarketPath>;
export const ProductPath = MarketPath.extend({ sku: Identifier });
export type ProductPath = z.infer<typeof ProductPath>;

/** RFC 6585, section 3. */
class PreconditionRequired extends Error {
  readonly statusCode = 428;
}

/** What is asked of a market, and the request that asks it. */
export interface Asked {
  readonly type: string;
  readonly market: string;
  readonly body: object;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Asks for a document and sends it as it came: its version as `ETag` where it has one. */
export async function sendRead(commands: CommandClient, { type, market, body, request, reply }: Asked): Promise<void> {
  const { traceparent } = request;
  const to = { market, actor: market, commandId: commandIdOf(undefined), traceparent };
  const document = await commands.send<DocumentReply>(type, to, body);
  if (document.version > 0) void reply.header('etag', `"${document.version}"`);
  void reply.type('application/json; charset=utf-8').send(document.json);
}

/** Runs a command under the request's `Idempotency-Key` and sends the document as it is by that. */
export async function sendChanged(
  commands: CommandClient,
  { type, market, body, request, reply }: Asked,
  location?: (document: { sku: string }) => string,
): Promise<void> {
  const commandId = commandIdOf(request.headers['idempotency-key']);
  void reply.header('idempotency-key', commandId);
  const to = { market, actor: market, commandId, traceparent: request.traceparent };
  const document = await commands.send<DocumentReply>(type, to, body).catch(throwRequired);
  if (document.replayed) void reply.header('idempotent-replayed', 'true');
  if (document.json === '') return void reply.code(204).send();
  if (location && document.created) void reply.header('location', location(JSON.parse(document.json) as { sku: string }));
  void reply
    .code(document.created ? 201 : 200)
    .header('etag', `"${document.version}"`)
    .type('application/json; charset=utf-8')
    .send(document.json);
}

/** The market alone knows whether something is replaced; HTTP has a status of its own for it. */
function throwRequired(failure: unknown): never {
  throw isFailure(failure) && failure.code === 'precondition.required' ? new PreconditionRequired(failure.message) : failure;
}
