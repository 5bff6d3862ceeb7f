import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Consumer, ConsumerList, ConsumerMessage, ConsumerProtocol, Identifier, SendMessage, StartConsumer, type ClientOf } from '@aisle/contracts';
import { CommandClient } from '../commands/command-client.ts';
import { changed, documentOf, nothing, value, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { NumberCursor, Page, pageOf } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';

const ConsumerPath = z.strictObject({ name: Identifier.meta({ description: 'the name of the consumer', examples: ['till-4'] }) });
type ConsumerPath = z.infer<typeof ConsumerPath>;

const MessagePage = pageOf(200).extend({ cursor: NumberCursor.optional() });
type MessagePage = z.infer<typeof MessagePage>;

const MADE = { statuses: [201] as [number], key: 'echoed' } as const;

/** The routes of named consumers. Each consumer is one process of the cluster, and its messages outlive that process. */
@ApiTags('Consumers')
@Controller('v1/consumers')
export class ConsumersController {
  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  @Route('POST', {
    scope: 'consumers:write',
    summary: 'Starts a consumer under a unique name.',
    description: 'If the name is taken, the answer is 409 `already_started`, and `details` has the consumer of that name.',
    body: StartConsumer, example: { name: 'till-4' }, answers: changed(Consumer, { ...MADE, errors: ['already_started'], location: 'the URL of the consumer' }),
  })
  async startConsumer(@Body() { name }: StartConsumer, @Caller() caller: Caller): Promise<Document<Consumer>> {
    const { consumer, replayed } = await this.consumer(name, caller).start();
    return documentOf(consumer, { replayed, location: `/v1/consumers/${encodeURIComponent(name)}` });
  }

  @Route('GET', { scope: 'consumers:read', summary: 'Lists consumers by name.', query: Page, answers: value(ConsumerList, { errors: [] }) })
  listConsumers(@Query() page: Page, @Caller() caller: Caller): Promise<ConsumerList> {
    return this.commands.reading(ConsumerProtocol, {}, caller).list(page);
  }

  @Route('GET :name', {
    scope: 'consumers:read',
    summary: 'Reads the consumer and its messages, in the order in which they arrived.', path: ConsumerPath, query: MessagePage,
    answers: value(Consumer, { errors: ['consumer.missing'] }),
  })
  getConsumer(@Param() { name }: ConsumerPath, @Query() page: MessagePage, @Caller() caller: Caller): Promise<Consumer> {
    return this.commands.reading(ConsumerProtocol, { consumer: name }, caller).read(page);
  }

  @Route('POST :name/messages', {
    scope: 'consumers:write',
    summary: 'Sends the consumer a message.', description: 'The answer comes once the message is stored. The id of the message is the `Idempotency-Key`.',
    path: ConsumerPath, body: SendMessage, example: { body: { drawer: 'open' } }, answers: changed(ConsumerMessage, { ...MADE, errors: ['consumer.missing', 'consumer.busy', 'consumer.log_full'] }),
  })
  async sendMessage(@Param() { name }: ConsumerPath, @Body() { body }: SendMessage, @Caller() caller: Caller): Promise<Document<ConsumerMessage>> {
    const { message, replayed } = await this.consumer(name, caller).send({ body });
    return documentOf(message, { replayed });
  }

  @Route('DELETE :name', {
    scope: 'consumers:write',
    summary: 'Deletes the consumer and its messages, and frees its name.', path: ConsumerPath,
    answers: nothing('the consumer is deleted', { errors: ['consumer.missing'], key: 'taken' }),
  })
  deleteConsumer(@Param() { name }: ConsumerPath, @Caller() caller: Caller): Promise<void> {
    return this.consumer(name, caller).stop();
  }

  private consumer(name: string, caller: Caller): ClientOf<typeof ConsumerProtocol> {
    return this.commands.to(ConsumerProtocol, { consumer: name }, caller);
  }
}
