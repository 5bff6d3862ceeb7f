import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BasketProtocol, CheckOut, Identifier } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { etagOf, preconditionOf } from '../conditions/conditions.ts';
import { AnswersCheckout } from './openapi.ts';

const BasketPath = z.strictObject({ market: Identifier, basket: Identifier });
type BasketPath = z.infer<typeof BasketPath>;

/** A basket becomes an order. */
@Controller('v1/markets/:market/baskets/:basket/checkout')
export class CheckoutController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /**
   * Makes an order of all lines at the prices in force, and empties the basket, which goes on. The order is where
   * `Location` says from now on; should it be rejected, the basket stays empty.
   */
  @Post()
  @AnswersCheckout()
  async checkOut(
    @Param({ schema: BasketPath }) path: BasketPath,
    @Body({ schema: CheckOut }) { total }: CheckOut,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const commandId = commandIdOf(request.headers['idempotency-key']);
    void reply.header('idempotency-key', commandId);
    const body = { ...preconditionOf(request), ...(total ? { total } : {}) };
    const basket = this.commands.to(BasketProtocol, path, { commandId, traceparent: request.traceparent });
    const { json, version, orderId, replayed } = await basket.checkout(body);
    if (replayed) void reply.header('idempotent-replayed', 'true');
    void reply
      .code(202)
      .header('location', `/v1/orders/${encodeURIComponent(orderId)}`)
      .header('etag', etagOf({ json, version }))
      .type('application/json; charset=utf-8')
      .send(json);
  }
}
