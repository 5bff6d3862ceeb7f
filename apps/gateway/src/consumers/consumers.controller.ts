import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  ConsumerProtocol, Identifier, SendMessage, StartConsumer, type ClientOf, type Consumer, type ConsumerList,
  type ConsumerMessage,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { NumberCursor, Page, pageOf } from '../page.ts';
import { AnswersConsumer, AnswersConsumers, StartsConsumer, StopsConsumer, TakesMessage } from './openapi.ts';

const ConsumerPath = z.strictObject({ name: Identifier });
type ConsumerPath = z.infer<typeof ConsumerPath>;

const MessagePage = pageOf(200).extend({ cursor: NumberCursor.optional() });
type MessagePage = z.infer<typeof MessagePage>;

/** Named consumers: each is one process somewhere, and its messages outlive it. */
@Controller('v1/consumers')
export class ConsumersController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** Starts a consumer under a name that is its own. */
  @Post()
  @StartsConsumer()
  async start(
    @Body({ schema: StartConsumer }) { name }: StartConsumer,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Consumer> {
    const started = await this.command(name, request, reply, (consumer) => consumer.start());
    void reply.header('location', `/v1/consumers/${encodeURIComponent(name)}`);
    return started.consumer;
  }

  /** All consumers there are, in the order of their names. */
  @Get()
  @AnswersConsumers()
  list(@Query({ schema: Page }) page: Page, @Req() request: FastifyRequest): Promise<ConsumerList> {
    return this.commands.to(ConsumerProtocol, {}, request).list(page);
  }

  /** A consumer and its messages, in the order in which they arrived. */
  @Get(':name')
  @AnswersConsumer()
  read(
    @Param({ schema: ConsumerPath }) { name }: ConsumerPath,
    @Query({ schema: MessagePage }) page: MessagePage,
    @Req() request: FastifyRequest,
  ): Promise<Consumer> {
    return this.commands.to(ConsumerProtocol, { consumer: name }, request).read(page);
  }

  /** Sends a message; the answer comes once PostgreSQL has it. */
  @Post(':name/messages')
  @TakesMessage()
  async message(
    @Param({ schema: ConsumerPath }) { name }: ConsumerPath,
    @Body({ schema: SendMessage }) { body }: SendMessage,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ConsumerMessage> {
    return (await this.command(name, request, reply, (consumer) => consumer.send({ body }))).message;
  }

  /** Ends a consumer for good: its name is free, and its messages are gone. */
  @Delete(':name')
  @HttpCode(204)
  @StopsConsumer()
  async stop(@Param({ schema: ConsumerPath }) { name }: ConsumerPath, @Req() request: FastifyRequest): Promise<void> {
    const commandId = commandIdOf(request.headers['idempotency-key']);
    await this.commands.to(ConsumerProtocol, { consumer: name }, { commandId, traceparent: request.traceparent }).stop();
  }

  /** Says under which id the command ran, and whether it had run before. */
  private async command<T extends { readonly replayed: boolean }>(
    name: string, request: FastifyRequest, reply: FastifyReply, run: (consumer: ClientOf<typeof ConsumerProtocol>) => Promise<T>,
  ): Promise<T> {
    const commandId = commandIdOf(request.headers['idempotency-key']);
    void reply.header('idempotency-key', commandId);
    const { traceparent } = request;
    const answer = await run(this.commands.to(ConsumerProtocol, { consumer: name }, { commandId, traceparent }));
    if (answer.replayed) void reply.header('idempotent-replayed', 'true');
    return answer;
  }
}
