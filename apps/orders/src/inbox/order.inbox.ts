import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  ORDER_MESSAGES, type CreateOrder, type CreateReply, type ListOrders, type Order, type OrderHistory, type OrderList,
  type PlaceOrder, type PlaceReply,
} from '@aisle/contracts';
import { OrderDesk } from '../order/order-desk.ts';
import { OrderReads } from '../reading/order-reads.ts';
import { OrderPlacing } from '../placing/order-placing.ts';

/** The messages about orders; the actor in the header is the order's id. */
@Controller()
export class OrderInbox {
  constructor(
    @Inject(OrderPlacing) private readonly placing: OrderPlacing,
    @Inject(OrderDesk) private readonly desk: OrderDesk,
    @Inject(OrderReads) private readonly reads: OrderReads,
  ) {}

  @MessagePattern(ORDER_MESSAGES.place)
  place(@Payload() body: PlaceOrder, @Ctx() { envelope }: BrokerContext): Promise<PlaceReply> {
    return this.placing.place(envelope.actor, envelope, body);
  }

  @MessagePattern(ORDER_MESSAGES.create)
  create(@Payload() body: CreateOrder, @Ctx() { envelope }: BrokerContext): Promise<CreateReply> {
    return this.placing.create(envelope.id, envelope, body);
  }

  @MessagePattern(ORDER_MESSAGES.read)
  read(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<Order> {
    return this.reads.read(addressOf(envelope));
  }

  @MessagePattern(ORDER_MESSAGES.list)
  list(@Payload() page: ListOrders, @Ctx() { envelope }: BrokerContext): Promise<OrderList> {
    return this.reads.list(envelope.tenant, page);
  }

  @MessagePattern(ORDER_MESSAGES.history)
  async history(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<OrderHistory> {
    return { items: (await this.reads.read(addressOf(envelope))).history };
  }

  @MessagePattern(ORDER_MESSAGES.cancel)
  cancel(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<Order> {
    return this.desk.cancel(addressOf(envelope));
  }

  @MessagePattern(ORDER_MESSAGES.fulfil)
  fulfil(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<Order> {
    return this.desk.fulfil(addressOf(envelope));
  }
}

function addressOf({ tenant, actor: id }: BrokerContext['envelope']) {
  return { tenant, id };
}
