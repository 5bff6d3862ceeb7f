import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  OrderProtocol, type NewOrder, type CreateReply, type ListOrders, type Order, type OrderHistory, type OrderList,
  type PlaceOrder, type PlaceReply,
} from '@aisle/contracts';
import { OrderOperations } from '../order/order-operations.ts';
import { OrderReads } from '../reading/order-reads.ts';
import { OrderPlacing } from '../placing/order-placing.ts';

/** Handles the messages about orders. The actor in the header is the order's id. */
@Controller()
export class OrderInbox {
  constructor(
    @Inject(OrderPlacing) private readonly placing: OrderPlacing,
    @Inject(OrderOperations) private readonly operations: OrderOperations,
    @Inject(OrderReads) private readonly reads: OrderReads,
  ) {}

  @Handles(OrderProtocol.place)
  place(body: PlaceOrder, { envelope }: BrokerContext): Promise<PlaceReply> {
    return this.placing.place(envelope.actor, envelope, body);
  }

  @Handles(OrderProtocol.create)
  create(body: NewOrder, { envelope }: BrokerContext): Promise<CreateReply> {
    return this.placing.create(envelope.id, envelope, body);
  }

  @Handles(OrderProtocol.read)
  read(_body: unknown, { envelope }: BrokerContext): Promise<Order> {
    return this.reads.read(addressOf(envelope));
  }

  @Handles(OrderProtocol.list)
  list(page: ListOrders, { envelope }: BrokerContext): Promise<OrderList> {
    return this.reads.list(envelope.tenant, page);
  }

  @Handles(OrderProtocol.history)
  async history(_body: unknown, { envelope }: BrokerContext): Promise<OrderHistory> {
    return { items: (await this.reads.read(addressOf(envelope))).history };
  }

  @Handles(OrderProtocol.cancel)
  cancel(_body: unknown, { envelope }: BrokerContext): Promise<Order> {
    return this.operations.cancel(addressOf(envelope), envelope.by);
  }

  @Handles(OrderProtocol.fulfil)
  fulfil(_body: unknown, { envelope }: BrokerContext): Promise<Order> {
    return this.operations.fulfil(addressOf(envelope), envelope.by);
  }
}

function addressOf({ tenant, actor: id }: BrokerContext['envelope']) {
  return { tenant, id };
}
