import 'reflect-metadata';
import { FrameSender, Requester, clientTo, createMemoryTransport, type Envelope, type Transport } from '@aisle/broker';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  BasketProtocol, PROTOCOLS, PricesProtocol, actorKey, messagesIn, shardOf, type BodyOf, type DocumentReply,
} from '@aisle/contracts';
import { systemRuntime as runtime } from '@aisle/std';
import { eventually, seededRandom } from '@aisle/std/testing';
import { Controller, Module, type Type } from '@nestjs/common';
import { BaseConfig } from '../config.ts';
import { nestApp } from './nest-app.ts';
import { QueueModule, type QueueOptions } from './queue.module.ts';
import { BODIES } from '../testing/bodies.ts';
import { failuresIn, fuzzEntry } from '../testing/fuzzed-entry.ts';
import { memoryContext } from '../testing/memory-context.ts';

const FRAMES = 12_000;
const DOCUMENT: DocumentReply = { json: '{}', version: 1 };

describe('the entry of a process', () => {
  it('is tested with a valid body of every message', () => {
    const messages = Object.values(PROTOCOLS).flatMap(messagesIn).filter(({ bodySchema }) => bodySchema);

    expect(Object.keys(BODIES).sort()).toEqual(messages.map(({ type }) => type).sort());
    expect(messages.filter(({ type, bodySchema }) => !bodySchema?.safeParse(BODIES[type]).success).map(({ type }) => type)).toEqual([]);
  });

  it(`passes no wrong message of ${FRAMES} fuzzed frames to a handler, answers each with a failure, and counts it`, async () => {
    const transport = createMemoryTransport({ runtime });

    const report = await fuzzEntry({ transport, runtime, random: seededRandom(18), frames: FRAMES });

    const { expected, handled, answers } = report;
    expect(report.wronglyHandled).toEqual([]);
    expect(handled).toBe(expected.right);
    expect(report.refused).toBe(expected.wrong);
    expect(report.dropped).toEqual({ expired: expected.expired, corrupt: expected.corrupt });
    expect(Object.keys(answers).sort()).toEqual([
      'broker.body_corrupt', 'command.unknown', 'message.body_invalid', 'message.header_invalid', 'value',
    ]);
    expect(failuresIn(answers)).toBe(report.wrongAnswerable);
    expect(report.logged).toEqual([]);
    expect(Math.min(expected.right, expected.wrong, expected.expired, expected.corrupt)).toBeGreaterThan(100);
    await transport.close();
  });
});

describe('a broker app', () => {
  let transport: Transport;
  let requester: Requester;
  /** A request without an answer holds its process until its deadline. */
  const senders: Requester[] = [];
  beforeEach(() => {
    transport = createMemoryTransport({ runtime });
    requester = new Requester({ transport, runtime, sender: new FrameSender({ transport, runtime }), replyQueue: 'test' });
  });
  afterEach(async () => {
    await Promise.all([requester, ...senders.splice(0)].map((each) => each.close()));
    await transport.close();
  });

  it('passes the body to the handler and the answer to the caller', async () => {
    const app = await serve({ protocols: [Quoting] }, QuotesModule);

    const answer = await pricesOf('m1').quote({ items: ['GR1'] });

    expect(answer).toEqual({ json: '["GR1"]', version: 0 });
    await app.stop();
  });

  it('forwards messages for shards of other processes to the managers, unless any process may answer them', async () => {
    const handedOn: string[] = [];
    transport.consume('basket-manager', () => void handedOn.push('a frame'));
    const app = await serve({ protocols: [BasketProtocol, PricesProtocol], owns: () => false }, AllModule);

    const answer = await toServer(PricesProtocol.quote.type);
    void toServer(BasketProtocol.read.type).catch(() => undefined);

    expect(answer).toEqual(DOCUMENT);
    await eventually(() => expect(handedOn).toEqual(['a frame']));
    await app.stop();
  });

  it('refuses a message whose shard is not the shard of its actor', async () => {
    const app = await serve({ protocols: [BasketProtocol, PricesProtocol], owns: () => true }, AllModule);
    const shard = shardOf('basket', actorKey('default', 'm1', 'anna'));

    const answers = await Promise.allSettled([shard, shard + 1, shard - 1].map((of) => toServer(BasketProtocol.read.type, of)));

    const refused = { status: 'rejected', reason: { code: 'message.header_invalid', details: { field: 'shard' } } };
    expect(answers).toMatchObject([{ status: 'fulfilled', value: DOCUMENT }, refused, refused]);
    await app.stop();
  });

  it.each([
    ['a message has no handler', [BasketProtocol, PricesProtocol], 'missing: basket.open,'],
    ['a handler has no declared message', [], 'undeclared: basket.quote'],
    ['a message has both a route and a handler', [PricesProtocol], 'twice: basket.quote'],
  ])('does not start when %s', async (_what, protocols, reason) => {
    const routes = new Map([[PricesProtocol.quote.type, () => DOCUMENT]]);
    await expect(serve({ protocols, ...(reason.startsWith('twice') && { routes }) }, QuotesModule)).rejects.toThrow(reason);
  });

  it('answers messages by routes where no controller answers, and refuses a wrong body there, too', async () => {
    const seen: unknown[] = [];
    const routes = new Map(messagesIn(BasketProtocol).map(({ type }) => [type, (body: unknown) => {
      seen.push(body);
      return DOCUMENT;
    }]));
    const app = await serve({ protocols: [BasketProtocol], routes }, EmptyModule);
    const header = { id: 'o1', tenant: 'default', market: 'm1', actor: 'anna', traceparent: '', deadlineMs: runtime.clock.nowMs() + 20_000 };
    const open = (body: object) => requester.request('server', { ...header, type: BasketProtocol.open.type }, body);

    expect(await open({ ifMatch: 3 })).toEqual(DOCUMENT);
    await expect(open({ ifMatch: 'three' })).rejects.toMatchObject({ code: 'message.body_invalid' });

    expect(seen).toEqual([{ ifMatch: 3 }]);
    await app.stop();
  });

  function pricesOf(market: string) {
    const call = { id: 'q1', tenant: 'default', traceparent: '', deadlineMs: runtime.clock.nowMs() + 20_000 };
    return clientTo({ request: (_queue, header, body) => requester.request('server', header, body) }, PricesProtocol, { market, spread: 's' }, call);
  }

  function toServer(type: string, shard = -1): Promise<unknown> {
    const header = { id: type, type, tenant: 'default', market: 'm1', actor: 'anna', traceparent: '', deadlineMs: runtime.clock.nowMs() + 20_000 };
    const routed = new FrameSender({ transport, runtime });
    const sender = new Requester({
      transport, runtime, replyQueue: `of ${type} ${shard}`,
      sender: Object.assign(Object.create(routed) as FrameSender, { send: (queue: string, envelope: Envelope) => routed.send(queue, { ...envelope, shard }) }),
    });
    senders.push(sender);
    return sender.request('server', header, BODIES[type] ?? {});
  }

  function serve(options: Pick<QueueOptions, 'protocols' | 'owns' | 'routes'>, root: Type) {
    const module = () => ({ module: root, imports: [QueueModule.forRoot({ queue: 'server', ...options })] });
    return nestApp({ name: 'test', config: BaseConfig, module }).start({ ...memoryContext(BaseConfig), transport });
  }
});

/** A protocol reduced to some of its messages, for a server that answers only these. */
const Quoting = { quote: PricesProtocol.quote };

@Controller()
class QuotesController {
  @Handles(PricesProtocol.quote)
  quote({ items }: BodyOf<typeof PricesProtocol.quote>): DocumentReply {
    return { json: JSON.stringify(items), version: 0 };
  }
}

@Module({ controllers: [QuotesController] })
class QuotesModule {}

@Controller()
class AllController {}
for (const message of [...messagesIn(BasketProtocol), ...messagesIn(PricesProtocol)]) {
  const value = async (_body: unknown, _context: BrokerContext): Promise<DocumentReply> => DOCUMENT;
  Object.defineProperty(AllController.prototype, message.type, { value, writable: true, configurable: true });
  Handles(message)(AllController.prototype, message.type, { value });
}

@Module({ controllers: [AllController] })
class AllModule {}

@Module({})
class EmptyModule {}

// Wrong handlers that do not compile: `npm run typecheck` covers this file.
export class WrongHandlers {
  // @ts-expect-error a quote has items
  @Handles(PricesProtocol.quote)
  body({ lines }: { lines: string[] }): DocumentReply {
    return { json: lines.join(), version: 0 };
  }

  // @ts-expect-error a quote is answered with a document
  @Handles(PricesProtocol.quote)
  reply(): { text: string } {
    return { text: '' };
  }

  // @ts-expect-error a read has no body
  @Handles(BasketProtocol.read)
  nothing({ at }: { at: number }): DocumentReply {
    return { json: '', version: at };
  }
}
