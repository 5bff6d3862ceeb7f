import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { send, type AnswerBody, type ShopRequest } from '../workload/shop-http.ts';
import { priceChanges, priceFault, priceText, totalWithoutScript, type Instants, type Money, type PricedDocument, type Seen } from './clock-verdict.ts';

export interface ClockShopperOptions {
  readonly gatewayUrl: () => string | undefined;
  readonly market: string;
  /** The id of its basket, which no other client writes to. */
  readonly basket: string;
  /** The products that the shopper buys repeatedly. */
  readonly skus: readonly string[];
  readonly instants: Instants;
  readonly violated: (promise: string, text: string) => void;
}

/** Reads of a basket between filling and checkout. */
const LOOKS = 3;
/** More consecutive checkouts refused for a changed price are a loop. */
const REFUSALS_MAX = 8;
const AGAIN_MS = 100;
const THINK_MS = 40;
const PATIENCE_MS = 30_000;
const RETRYABLE: ReadonlySet<number> = new Set([429, 503, 504]);

interface Reply {
  readonly status: number;
  readonly body: AnswerBody;
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
}

/** Fills a basket, reads it, has its items quoted and checks it out at the shown total, until it is stopped. */
export class ClockShopper {
  checkouts = 0;
  looks = 0;

  constructor(private readonly options: ClockShopperOptions) {}

  async shop(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.fill();
      for (let look = 0; look < LOOKS && !isOver(); look += 1) await this.compare();
      await this.checkOut();
    }
  }

  private async fill(): Promise<void> {
    const body = this.options.skus.map((sku, at) => ({ op: 'set', sku, quantity: 1 + at }));
    await this.see('a change', { method: 'POST', path: `${this.path}/commands`, body, key: randomUUID() });
  }

  /** A quote between two reads with the same price must have that price, too. */
  private async compare(): Promise<void> {
    const { market, basket, skus } = this.options;
    const body = { items: skus.map((sku, at) => ({ sku, quantity: 1 + at })), canaryKey: basket };
    const before = await this.look();
    const quote = await this.see('a quote', { method: 'POST', path: `/v1/markets/${market}/quotes`, body });
    const after = await this.look();
    if (!before || !quote || !after || [before, quote, after].some(({ document }) => document.degraded)) return;
    const [shown, quoted, later] = [before, quote, after].map(({ document }) => priceText(document));
    if (shown === later && shown !== quoted) this.violated(`GET says ${shown} before and after a quote that says ${quoted}`);
    await sleep(THINK_MS);
  }

  private async checkOut(): Promise<void> {
    for (let refusals = 0; refusals < REFUSALS_MAX; refusals += 1) {
      const seen = await this.look();
      if (!seen) return;
      const request = { method: 'POST', path: `${this.path}/checkout`, body: { total: seen.document.total }, key: randomUUID() } as const;
      const reply = await this.ask(request);
      if (reply?.status !== 412) return this.judgeCheckout(seen, reply);
      if (!this.isExplained(seen, reply)) {
        this.violated(`a checkout of ${seen.document.total.amount} was answered 412 ${JSON.stringify(reply.body)}, and no price had changed since GET`);
      }
    }
    this.violated(`${REFUSALS_MAX} checkouts in a row were answered 412, each with the total of a new GET`);
  }

  private judgeCheckout({ document: { total } }: Seen, reply: Reply | undefined): void {
    const sold = reply && this.judge('a checkout', reply);
    if (!sold) return;
    this.checkouts += 1;
    if (sold.document.total.amount !== total.amount) this.violated(`${sold.document.total.amount} were charged where ${total.amount} were agreed`);
  }

  /** The price changed between the read and the checkout, or one of the two went without the script. */
  private isExplained({ document, sentAtMs }: Seen, { answeredAtMs, body }: Reply): boolean {
    const { skus, instants } = this.options;
    const { details } = body as { details?: { total?: Money } };
    const isWithoutScript = details?.total?.amount === totalWithoutScript(document);
    return document.degraded === true || isWithoutScript || priceChanges(skus, instants, sentAtMs, answeredAtMs);
  }

  private async look(): Promise<Seen | undefined> {
    this.looks += 1;
    return this.see('a look', { method: 'GET', path: this.path });
  }

  private async see(what: string, request: ShopRequest): Promise<Seen | undefined> {
    const reply = await this.ask(request);
    return reply && this.judge(what, reply);
  }

  private judge(what: string, { status, body, ...asked }: Reply): Seen | undefined {
    if (status >= 300) {
      this.options.violated('HTTP', `${what} at ${this.options.basket} was answered ${status} ${JSON.stringify(body)}`);
      return undefined;
    }
    const seen = { document: body as unknown as PricedDocument, ...asked };
    const fault = priceFault(seen, this.options.instants);
    if (fault !== undefined) this.violated(`${what}: ${fault}`);
    return seen;
  }

  /** Asks until the answer is no request to retry. A write keeps its key, and so its first instant. */
  private async ask(request: ShopRequest): Promise<Reply | undefined> {
    const firstMs = Date.now();
    for (let sentAtMs = firstMs; sentAtMs < firstMs + PATIENCE_MS; sentAtMs = Date.now()) {
      const answer = await send(this.options.gatewayUrl(), request);
      if (answer.kind === 'answered' && !RETRYABLE.has(answer.status)) {
        return { ...answer, sentAtMs: request.key === undefined ? sentAtMs : firstMs, answeredAtMs: Date.now() };
      }
      await sleep(AGAIN_MS);
    }
    this.options.violated('P11', `${request.method} ${request.path} was not answered in ${PATIENCE_MS} ms`);
    return undefined;
  }

  private violated(text: string): void {
    this.options.violated('price', `${this.options.market}/${this.options.basket}, ${text} at ${new Date().toISOString()}`);
  }

  private get path(): string {
    return `/v1/markets/${this.options.market}/baskets/${this.options.basket}`;
  }
}
