import type { Immutable, Message } from '@aisle/contracts';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from './broker-context.ts';

/** The type of a handler, which makes the reply from the body, if the message has one, and the context. */
type Handler<Body, Reply> = (body: Body, context: BrokerContext) => Immutable<Reply> | Promise<Immutable<Reply>>;

/** Makes a method the handler of a message. A method with another body or reply does not compile. */
export function Handles<Body, Reply>(message: Message<unknown, Body, Reply>) {
  return <H extends Handler<Body, Reply>>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<H>): void => {
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    MessagePattern(message.type)(target, key, descriptor as PropertyDescriptor);
  };
}
