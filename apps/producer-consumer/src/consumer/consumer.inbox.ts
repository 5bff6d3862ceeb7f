import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  ConsumerProtocol, type Consumer, type ConsumerList, type ReadPage, type SendReply, type SendMessage,
  type StartReply,
} from '@aisle/contracts';
import { GroupHolders } from '../holder/holder.ts';
import { Consumers, consumerKey, type ConsumerName } from './consumers.ts';

/** Handles the messages about named consumers, in the process that has the consumer. */
@Controller()
export class ConsumerInbox {
  constructor(
    @Inject(Consumers) private readonly consumers: Consumers,
    @Inject(GroupHolders) private readonly holders: GroupHolders,
  ) {}

  @Handles(ConsumerProtocol.start)
  start(_body: unknown, { envelope }: BrokerContext): Promise<StartReply> {
    return this.consumers.start(nameOf(envelope), envelope.id);
  }

  @Handles(ConsumerProtocol.list)
  list(page: ReadPage, { envelope }: BrokerContext): Promise<ConsumerList> {
    return this.consumers.list(envelope.tenant, page);
  }

  @Handles(ConsumerProtocol.send)
  send(message: SendMessage, context: BrokerContext): Promise<SendReply> {
    const { id } = context.envelope;
    return this.atHolder(context, (name) => this.consumers.send(name, { id, body: message.body }));
  }

  @Handles(ConsumerProtocol.read)
  read(page: ReadPage, context: BrokerContext): Promise<Consumer> {
    return this.atHolder(context, (name) => this.consumers.read(name, page));
  }

  @Handles(ConsumerProtocol.stop)
  stop(_body: unknown, context: BrokerContext): Promise<void> {
    return this.atHolder(context, (name) => this.consumers.stop(name, context.envelope.id));
  }

  private atHolder<T>({ envelope: header, body, queue }: BrokerContext, runHere: (name: ConsumerName) => Promise<T>): Promise<T> {
    const name = nameOf(header);
    return this.holders.atHolder(consumerKey(name), { header, body, queue }, () => runHere(name));
  }
}

function nameOf({ tenant, actor }: BrokerContext['envelope']): ConsumerName {
  return { tenant, name: actor };
}
