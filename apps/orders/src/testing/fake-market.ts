import { FrameReceiver, FrameSender, decodeBody, reply, type Envelope, type Transport } from '@aisle/broker';
import { StockProtocol, type OrderStock, type ReleaseStock, type ReserveStock, type StockReply } from '@aisle/contracts';
import { failures, systemRuntime, type Failure } from '@aisle/std';

const StockFailure = failures('stock', { orderUnknown: ['missing', 'the market does not know the order'] });

/** A market that keeps its word: what it does with the stock of an order, and nothing else of it. */
export class FakeMarket {
  /** While it is deaf it does what it is asked, and its answers are lost. */
  isDeaf = false;
  /** Why it hands nothing out, if it does not. */
  refusal: Failure | undefined;
  readonly standings = new Map<string, StockReply>();
  /** A command that was refused is refused again. */
  private readonly refusals = new Map<string, Failure>();
  private readonly inbox: FrameReceiver;
  private readonly outbox: FrameSender;

  constructor(transport: Transport) {
    this.outbox = new FrameSender({ transport, runtime: systemRuntime });
    this.inbox = new FrameReceiver({
      transport, runtime: systemRuntime, queue: 'market-manager', onEnvelope: (envelope) => this.receive(envelope),
    });
    this.inbox.start();
  }

  /** As the inventory app would: the order has its stock from now on. */
  reserve({ orderId }: Pick<ReserveStock, 'orderId'>): void {
    if (!this.standings.has(orderId)) this.standings.set(orderId, { standing: 'reserved' });
  }

  stop(): Promise<void> {
    return this.inbox.stop();
  }

  private receive(envelope: Envelope): void {
    try {
      const refusal = this.refusals.get(envelope.id);
      if (refusal) throw refusal;
      const value = this.answer(envelope.type, decodeBody<OrderStock & Partial<ReleaseStock>>(envelope.body));
      if (!this.isDeaf) reply(this.outbox, envelope, { value });
    } catch (failure) {
      this.refusals.set(envelope.id, failure as Failure);
      reply(this.outbox, envelope, { failure: failure as Failure });
    }
  }

  private answer(type: string, { orderId, reason }: OrderStock & Partial<ReleaseStock>): StockReply {
    const known = this.standings.get(orderId);
    const stands = this.next(type, known?.standing, reason) ?? known;
    if (!stands) throw StockFailure.orderUnknown();
    this.standings.set(orderId, stands);
    return stands;
  }

  private next(type: string, standing: StockReply['standing'] | undefined, reason = 'cancelled' as ReleaseStock['reason']) {
    if (type === StockProtocol.commit.type && standing === 'reserved') return { standing: 'committed' } as const;
    if (type === StockProtocol.fulfil.type && standing === 'committed') {
      if (this.refusal) throw this.refusal;
      return { standing: 'fulfilled' } as const;
    }
    const isOpen = standing === undefined || standing === 'reserved' || (standing === 'committed' && reason === 'cancelled');
    if (type === StockProtocol.release.type && isOpen) return { standing: 'released', reason } as const;
    return undefined;
  }
}
