import { FrameReceiver, FrameSender, decodeBody, reply, type Envelope, type Transport } from '@aisle/broker';
import {
  PricesProtocol, type Adjustment, type OrderLine, type PriceOrder, type PricedOrder, type PricedProduct, type RestoreBasket,
} from '@aisle/contracts';
import { money } from '@aisle/pricing';
import { failures, systemRuntime, type Failure } from '@aisle/std';

const BasketFailure = failures('basket', {
  productUnknown: ['rejected', 'the market does not sell it'],
  merged: ['conflict', 'the basket was merged into another one', (into: string) => ({ into })],
});

/** Rules by their adjustments, in minor units. */
export interface FakeRules {
  readonly line?: (line: { sku: string; quantity: number; grossMinor: number }) => number;
  readonly order?: (netMinor: number) => number;
}

/** A fake basket-server. It prices by rules with revisions, and takes the lines of an order back once. */
export class FakeBaskets {
  /** While true, requests take effect, but their answers are lost. */
  isDeaf = false;
  /** The failure of all requests, if set. */
  refusal: Failure | undefined;
  /** Changes each price before it is sent, for tests of wrong answers. */
  tamper: (price: PricedOrder) => PricedOrder = (price) => price;
  /** Pence by SKU; other products are not sold. */
  readonly prices = new Map([['GR1', 311], ['SR1', 500]]);
  /** The rules by revision; the last ones are in force. */
  readonly revisions: FakeRules[] = [{}];
  readonly merged = new Map<string, string>();
  /** The restored orders, by basket. */
  readonly restored = new Map<string, RestoreBasket[]>();
  /** All requests so far. */
  readonly requests: { readonly type: string; readonly id: string; readonly actor: string; readonly body: unknown }[] = [];
  private readonly inbox: FrameReceiver;
  private readonly outbox: FrameSender;

  constructor(transport: Transport) {
    this.outbox = new FrameSender({ transport, runtime: systemRuntime });
    this.inbox = new FrameReceiver({
      transport, runtime: systemRuntime, queue: 'basket-manager', onEnvelope: (envelope) => this.receive(envelope),
    });
    this.inbox.start();
  }

  stop(): Promise<void> {
    return this.inbox.stop();
  }

  /** The price of an order at present prices, or by `asOf`. */
  price(order: PriceOrder): PricedOrder {
    const products = order.lines.flatMap(({ sku = '' }) => {
      const unitPriceMinor = this.prices.get(sku);
      return unitPriceMinor === undefined ? [] : [{ sku, name: `The ${sku}`, unitPriceMinor }];
    });
    const { canaryKey } = order;
    const pricing = {
      at: new Date(systemRuntime.clock.nowMs()).toISOString(), rules: this.revisions.length - 1,
      ...(canaryKey === undefined ? {} : { canaryKey }),
    };
    return priceBy(this.revisions, { asOf: { pricing, products }, ...order });
  }

  private receive(envelope: Envelope): void {
    const { type, id, actor } = envelope;
    const body = decodeBody<PriceOrder & RestoreBasket>(envelope.body);
    this.requests.push({ type, id, actor, body });
    try {
      if (this.refusal) throw this.refusal;
      const value = type === PricesProtocol.price.type ? this.tamper(this.price(body)) : this.restore(actor, body);
      if (!this.isDeaf) reply(this.outbox, envelope, { value });
    } catch (failure) {
      reply(this.outbox, envelope, { failure: failure as Failure });
    }
  }

  private restore(basket: string, body: RestoreBasket): object {
    const into = this.merged.get(basket);
    const taken = this.restored.get(basket) ?? [];
    if (!taken.some(({ orderId }) => orderId === body.orderId)) {
      if (into !== undefined) throw BasketFailure.merged(into);
      this.restored.set(basket, [...taken, body]);
    }
    return { json: '{}', version: taken.length + 1 };
  }
}

/** Prices an order by the rules of a revision: each product, then the whole order, whose adjustment is shared among the lines. */
export function priceBy(revisions: readonly FakeRules[], { lines: wanted, asOf }: PriceOrder): PricedOrder {
  const { pricing, products } = asOf as NonNullable<PriceOrder['asOf']>;
  const rules = revisions[pricing.rules] as FakeRules;
  const priced = wanted.map(({ sku, quantity }) => lineBy(rules, products.find((one) => one.sku === sku), quantity));
  const nets = priced.map(({ net }) => net.amount);
  const ofAll = rules.order?.(nets.reduce((sum, net) => sum + net, 0)) ?? 0;
  const shares = money.allocate(ofAll, nets);
  const lines = priced.map((line, index) => ({
    ...line, share: gbp(shares[index] as number), total: gbp(line.net.amount + (shares[index] as number)),
  }));
  const total = gbp(lines.reduce((sum, line) => sum + line.total.amount, 0));
  return { lines, adjustments: adjustment('of all', ofAll), total, pricing };
}

function lineBy(rules: FakeRules, product: PricedProduct | undefined, quantity: number): OrderLine {
  if (!product) throw BasketFailure.productUnknown();
  const { sku, name, category, unitPriceMinor } = product;
  const grossMinor = unitPriceMinor * quantity;
  const off = rules.line?.({ sku, quantity, grossMinor }) ?? 0;
  const nothing = gbp(0);
  return {
    sku, name, ...(category === undefined ? {} : { category }), quantity, unitPrice: gbp(unitPriceMinor), gross: gbp(grossMinor),
    adjustments: adjustment('of a line', off), net: gbp(grossMinor + off), share: nothing, total: nothing,
  };
}

function adjustment(code: string, amount: number): Adjustment[] {
  return amount === 0 ? [] : [{ code, amount: gbp(amount), message: code, strategy: 'fake', version: '1.0.0', sha256: 'f'.repeat(64) }];
}

export function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}
