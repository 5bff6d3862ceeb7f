import { Body, Controller, Delete, Get, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  AddItem, BASKET_MESSAGES, Batch, Identifier, MergeBasket, SetLine, type BasketReply, type ChangeBasket, type MergeIntoBasket,
  type OpenBasket,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { preconditionOf, sendCurrent } from '../conditions/conditions.ts';
import { AnswersBasket, ReadsBasket } from '../openapi.ts';
import { sendBasket } from './basket-answer.ts';

const BasketPath = z.strictObject({ market: Identifier, basket: Identifier });
type BasketPath = z.infer<typeof BasketPath>;
const LinePath = BasketPath.extend({ sku: Identifier });
type LinePath = z.infer<typeof LinePath>;

/** A basket's routes. Every write is a batch of operations, however the client says it. */
@Controller('v1/markets/:market/baskets/:basket')
export class BasketsController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** Creates the basket, or gets it. */
  @Put()
  @AnswersBasket({ created: true })
  open(
    @Param({ schema: BasketPath }) path: BasketPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: OpenBasket = preconditionOf(request);
    return this.ask(BASKET_MESSAGES.open, path, body, request, reply);
  }

  /** Reads the basket. */
  @Get()
  @ReadsBasket()
  async read(
    @Param({ schema: BasketPath }) { market, basket: actor }: BasketPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const to = { market, actor, commandId: commandIdOf(undefined), traceparent: request.traceparent };
    sendCurrent(request, reply, await this.commands.send<BasketReply>(BASKET_MESSAGES.read, to, {}));
  }

  /** Takes every line out of the basket. */
  @Delete()
  @AnswersBasket()
  clear(
    @Param({ schema: BasketPath }) path: BasketPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(path, [{ op: 'clear' }], request, reply);
  }

  /** Adds units of a product; the basket is made when there is none yet. */
  @Post('lines')
  @AnswersBasket()
  add(
    @Param({ schema: BasketPath }) path: BasketPath,
    @Body({ schema: AddItem }) item: AddItem,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(path, [{ op: 'add', ...item }], request, reply);
  }

  /** Sets a line's quantity; 0 takes the line away. */
  @Put('lines/:sku')
  @AnswersBasket()
  set(
    @Param({ schema: LinePath }) path: LinePath,
    @Body({ schema: SetLine }) line: SetLine,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(path, [{ op: 'set', sku: path.sku, ...line }], request, reply);
  }

  /** Takes a line out of the basket. */
  @Delete('lines/:sku')
  @AnswersBasket()
  remove(
    @Param({ schema: LinePath }) path: LinePath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(path, [{ op: 'remove', sku: path.sku }], request, reply);
  }

  /** Applies a batch of operations in order, all or nothing, priced once. */
  @Post('commands')
  @AnswersBasket()
  batch(
    @Param({ schema: BasketPath }) path: BasketPath,
    @Body({ schema: Batch }) operations: Batch,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(path, operations, request, reply);
  }

  /** Takes another basket's lines in and closes that one: a guest's into a user's, once who it is is known. */
  @Post('merge')
  @AnswersBasket({ created: true })
  merge(
    @Param({ schema: BasketPath }) { market, basket: into }: BasketPath,
    @Body({ schema: MergeBasket }) { from, mode }: MergeBasket,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const body: MergeIntoBasket = { into, mode, ...preconditionOf(request) };
    // To the basket that is closed by it: its server drives the merge.
    return this.ask(BASKET_MESSAGES.merge, { market, basket: from }, body, request, reply);
  }

  private change(
    path: BasketPath,
    operations: Batch,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const body: ChangeBasket = { operations, ...preconditionOf(request) };
    return this.ask(BASKET_MESSAGES.change, path, body, request, reply);
  }

  private async ask(
    type: string,
    { market, basket }: BasketPath,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const commandId = commandIdOf(request.headers['idempotency-key']);
    const { traceparent } = request;
    void reply.header('idempotency-key', commandId);
    const to = { market, actor: basket, commandId, traceparent };
    sendBasket(reply, await this.commands.send<BasketReply>(type, to, body));
  }
}
