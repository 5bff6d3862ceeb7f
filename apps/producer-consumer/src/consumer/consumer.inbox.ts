import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  CONSUMER_MESSAGES, type Consumer, type ConsumerList, type ReadPage, type SendReply, type SendToConsumer,
  type StartReply,
} from '@aisle/contracts';
import { HOLDERS, type Holders } from '../holder/holder.ts';
import { Consumers, consumerKey, type ConsumerName } from './consumers.ts';

/** The messages of named consumers, each to the process that has the consumer. */
@Controller()
export class ConsumerInbox {
  constructor(
    @Inject(Consumers) private readonly consumers: Consumers,
    @Inject(HOLDERS) private readonly holders: Holders,
  ) {}

  @MessagePattern(CONSUMER_MESSAGES.start)
  start(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<StartReply> {
    return this.consumers.start(nameOf(envelope), envelope.id);
  }

  @MessagePattern(CONSUMER_MESSAGES.list)
  list(@Payload() page: ReadPage, @Ctx() { envelope }: BrokerContext): Promise<ConsumerList> {
    return this.consumers.list(envelope.tenant, page);
  }

  @MessagePattern(CONSUMER_MESSAGES.send)
  send(@Payload() message: SendToConsumer, @Ctx() context: BrokerContext): Promise<SendReply> {
    const { id } = context.envelope;
    return this.atHolder(context, message, (name) => this.consumers.send(name, { id, body: message.body }));
  }

  @MessagePattern(CONSUMER_MESSAGES.read)
  read(@Payload() page: ReadPage, @Ctx() context: BrokerContext): Promise<Consumer> {
    return this.atHolder(context, page, (name) => this.consumers.read(name, page));
  }

  @MessagePattern(CONSUMER_MESSAGES.stop)
  stop(@Payload() body: unknown, @Ctx() context: BrokerContext): Promise<void> {
    return this.atHolder(context, body, (name) => this.consumers.stop(name, context.envelope.id));
  }

  private atHolder<T>(
    { envelope: header }: BrokerContext, body: unknown, here: (name: ConsumerName) => Promise<T>,
  ): Promise<T> {
    const name = nameOf(header);
    return this.holders.atHolder(consumerKey(name), { header, body }, () => here(name));
  }
}

function nameOf({ tenant, actor }: BrokerContext['envelope']): ConsumerName {
  return { tenant, name: actor };
}
