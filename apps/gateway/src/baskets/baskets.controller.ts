import { Body, Controller, Delete, Get, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  AddItem, BasketProtocol, Batch, Identifier, MergeBasket, SetLine, type BasketKey, type ClientOf, type DocumentReply,
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
    const precondition = preconditionOf(request);
    return this.answer(path, request, reply, (basket) => basket.open(precondition));
  }

  /** Reads the basket. */
  @Get()
  @ReadsBasket()
  async read(
    @Param({ schema: BasketPath }) path: BasketPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendCurrent(request, reply, await this.commands.to(BasketProtocol, path, request).read());
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
    const body = { into, mode, ...preconditionOf(request) };
    // To the basket that is closed by it: its server drives the merge.
    return this.answer({ market, basket: from }, request, reply, (basket) => basket.merge(body));
  }

  private change(
    path: BasketPath,
    operations: Batch,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const body = { operations, ...preconditionOf(request) };
    return this.answer(path, request, reply, (basket) => basket.change(body));
  }

  /** Runs a command under the request's `Idempotency-Key`, and sends the document as it is by that. */
  private async answer(
    key: BasketKey,
    request: FastifyRequest,
    reply: FastifyReply,
    run: (basket: ClientOf<typeof BasketProtocol>) => Promise<DocumentReply>,
  ): Promise<void> {
    const commandId = commandIdOf(request.headers['idempotency-key']);
    const { traceparent } = request;
    void reply.header('idempotency-key', commandId);
    sendBasket(reply, await run(this.commands.to(BasketProtocol, key, { commandId, traceparent })));
  }
}
