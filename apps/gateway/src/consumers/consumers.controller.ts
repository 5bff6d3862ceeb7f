import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  CONSUMER_MESSAGES, Identifier, SendMessage, StartConsumer, type Consumer, type ConsumerList, type ConsumerMessage,
  type ReadPage, type SendReply, type SendToConsumer, type StartReply,
} from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { NumberCursor, Page, pageOf } from '../page.ts';
import { AnswersConsumer, AnswersConsumers, StartsConsumer, StopsConsumer, TakesMessage } from './openapi.ts';

const ConsumerPath = z.strictObject({ name: Identifier });
type ConsumerPath = z.infer<typeof ConsumerPath>;

const MessagePage = pageOf(200).extend({ cursor: NumberCursor.optional() });
type MessagePage = z.infer<typeof MessagePage>;

/** Consumers belong to a chain, not to a market. */
const EVERYWHERE = 'all';
/** A list is of no consumer in particular. */
const ANY = 'any';

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
    const started = await this.command<StartReply>(CONSUMER_MESSAGES.start, name, {}, request, reply);
    void reply.header('location', `/v1/consumers/${encodeURIComponent(name)}`);
    return started.consumer;
  }

  /** All consumers there are, in the order of their names. */
  @Get()
  @AnswersConsumers()
  list(@Query({ schema: Page }) page: Page, @Req() request: FastifyRequest): Promise<ConsumerList> {
    return this.send(CONSUMER_MESSAGES.list, ANY, page satisfies ReadPage, request);
  }

  /** A consumer and its messages, in the order in which they arrived. */
  @Get(':name')
  @AnswersConsumer()
  read(
    @Param({ schema: ConsumerPath }) { name }: ConsumerPath,
    @Query({ schema: MessagePage }) page: MessagePage,
    @Req() request: FastifyRequest,
  ): Promise<Consumer> {
    return this.send(CONSUMER_MESSAGES.read, name, page satisfies ReadPage, request);
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
    const message: SendToConsumer = { body };
    return (await this.command<SendReply>(CONSUMER_MESSAGES.send, name, message, request, reply)).message;
  }

  /** Ends a consumer for good: its name is free, and its messages are gone. */
  @Delete(':name')
  @HttpCode(204)
  @StopsConsumer()
  async stop(@Param({ schema: ConsumerPath }) { name }: ConsumerPath, @Req() request: FastifyRequest): Promise<void> {
    await this.send(CONSUMER_MESSAGES.stop, name, {}, request, commandIdOf(request.headers['idempotency-key']));
  }

  /** As `send`, and says under which id it ran, and whether it had run before. */
  private async command<T extends { readonly replayed: boolean }>(
    type: string, name: string, body: object, request: FastifyRequest, reply: FastifyReply,
  ): Promise<T> {
    const commandId = commandIdOf(request.headers['idempotency-key']);
    void reply.header('idempotency-key', commandId);
    const answer = await this.send<T>(type, name, body, request, commandId);
    if (answer.replayed) void reply.header('idempotent-replayed', 'true');
    return answer;
  }

  private send<T>(
    type: string, name: string, body: object, { traceparent }: FastifyRequest, commandId = commandIdOf(undefined),
  ): Promise<T> {
    return this.commands.send<T>(type, { market: EVERYWHERE, actor: name, commandId, traceparent }, body);
  }
}
