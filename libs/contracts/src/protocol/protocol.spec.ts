import {
  BasketProtocol, ConsumerProtocol, Order, PROTOCOLS, PricesProtocol, StrategyProtocol, addresseeOf, checkHeader, clientOf, documentOf, message,
  messageOfType, messagesIn, protocol, type BodyOf, type ClientOf, type Message, type ReplyOf, type Send,
} from '../index.ts';

const HEADER = { id: 'c1', tenant: 'default', market: 'm1', actor: 'anna', traceparent: '', replyTo: 'r', deadlineMs: 1_000 };

describe('a protocol', () => {
  // Names on the wire never change, because processes of other versions use them.
  it('keeps its names and queues on the wire', () => {
    const wire = Object.values(PROTOCOLS).flatMap(messagesIn).map(({ type, queue }) => `${type} → ${queue}`);

    expect(wire).toMatchSnapshot();
    expect(new Set(wire).size).toBe(wire.length);
  });

  it('finds a message by its type', () => {
    expect(messageOfType('strategy.roll-out')).toBe(StrategyProtocol.rollOut);
    expect(messageOfType('strategy.steal')).toBeUndefined();
    expect(messageOfType('constructor')).toBeUndefined();
  });

  it('describes each message in a sentence', () => {
    const summaries = Object.values(PROTOCOLS).flatMap(messagesIn).map(({ summary }) => summary);

    expect(summaries.filter((summary) => !/^[A-Z].*\.$/.test(summary))).toEqual([]);
  });

  it('lets only repeatable messages be answered by any process in turns', () => {
    const taking = Object.values(PROTOCOLS).flatMap(messagesIn).filter(({ takesTurns, repeatable }) => takesTurns && !repeatable);

    expect(taking).toEqual([]);
  });

  it('addresses its actors', () => {
    expect(addresseeOf(BasketProtocol, { market: 'm1', basket: 'anna' })).toEqual({ market: 'm1', actor: 'anna' });
    expect(addresseeOf(ConsumerProtocol, {})).toEqual({ market: 'all', actor: 'any' });
  });

  it('creates a client that sends each message with its body', async () => {
    const sent: unknown[] = [];
    const client = clientOf(BasketProtocol, ({ type }, body) => void sent.push([type, body]));

    await client.change({ operations: [{ op: 'add', sku: 'GR1' }] });
    await client.read();

    expect(sent).toEqual([['basket.change', { operations: [{ op: 'add', sku: 'GR1' }] }], ['basket.read', {}]]);
  });

  it('refuses an invalid body and an invalid answer with different failures', () => {
    expect(() => BasketProtocol.change.bodyOf({ operations: [{ op: 'set', sku: 'GR1' }] })).toThrow(expect.objectContaining({
      kind: 'invalid', code: 'message.body_invalid', details: expect.objectContaining({ type: 'basket.change', path: 'operations.0.quantity' }),
    }));
    expect(() => BasketProtocol.change.replyOf({ json: '{}' })).toThrow(expect.objectContaining({
      kind: 'unknown', code: 'message.reply_invalid', details: expect.objectContaining({ path: 'version' }),
    }));
  });

  it('ignores the body of a message that has none', () => {
    expect(BasketProtocol.read.bodyOf({ anything: 1 })).toBeUndefined();
  });

  it('passes documents on with the unknown fields of newer processes', () => {
    const Reply = protocol('x', { queue: 'x', key: () => ({ market: 'm', actor: 'a' }) }, {
      read: message('Reads.', { reply: documentOf(Order, 'id'), repeatable: true }),
    });
    const document = { id: 'o1', status: 'SENT_BY_DRONE', drone: 7 };

    expect(Reply.read.replyOf(document)).toBe(document);
    expect(() => Reply.read.replyOf({ status: 'PENDING' })).toThrow(expect.objectContaining({ code: 'message.reply_invalid' }));
  });
});

describe('the header of a message', () => {
  it('is valid if it names an actor and a time within a week', () => {
    expect(() => checkHeader(HEADER, 0)).not.toThrow();
    expect(() => checkHeader({ ...HEADER, replyTo: '', actor: 'older than a rule\u200b' }, 0)).not.toThrow();
  });

  it.each([
    ['id', ''], ['tenant', ''], ['market', ''], ['actor', ''], ['actor', 'a\0'], ['actor', 'x'.repeat(513)], ['actor', '\ud800'],
    ['traceparent', '\0'], ['replyTo', 'x'.repeat(513)], ['deadlineMs', Number.NaN], ['deadlineMs', Infinity], ['deadlineMs', 1e15],
  ])('is refused for the %s %j', (field, value) => {
    expect(() => checkHeader({ ...HEADER, [field]: value }, 0)).toThrow(expect.objectContaining({
      kind: 'invalid', code: 'message.header_invalid', details: expect.objectContaining({ field }),
    }));
  });
});

// Wrong uses that do not compile: `npm run typecheck` covers this file.
describe('the types of a protocol', () => {
  const send: Send = () => Promise.resolve();
  const basket = clientOf(BasketProtocol, send);

  it('know the message, its body and its answer', () => {
    const wrong = {
      // @ts-expect-error no such message
      message: () => basket.chagne({ operations: [] }),
      // @ts-expect-error no such operation
      operation: () => basket.change({ operations: [{ op: 'steal', sku: 'GR1' }] }),
      // @ts-expect-error the quantity is a number
      field: () => basket.change({ operations: [{ op: 'add', sku: 'GR1', quantity: '1' }] }),
      // @ts-expect-error no operations
      missing: () => basket.change({}),
      // @ts-expect-error the body is missing
      body: () => basket.change(),
      // @ts-expect-error the message has no body
      nothing: () => basket.read({ at: 1 }),
      // @ts-expect-error the answer has a text and no lines
      answer: async () => (await basket.change({ operations: [{ op: 'clear' }] })).lines,
      // @ts-expect-error the key of a basket has a market
      key: () => addresseeOf(BasketProtocol, { basket: 'anna' }),
      // @ts-expect-error a basket has no message for prices
      protocol: () => addresseeOf(PricesProtocol, { market: 'm1', basket: 'anna' }),
    };

    expect(Object.keys(wrong)).toHaveLength(9);
  });

  it('make fields with defaults optional for senders and present for handlers', () => {
    const sent = () => basket.change({ operations: [{ op: 'add', sku: 'GR1' }] });
    const handled = ({ operations: [first] }: BodyOf<typeof BasketProtocol.change>): number => (first?.op === 'add' ? first.quantity : 0);

    expect(sent).toBeDefined();
    expect(handled({ operations: [{ op: 'add', sku: 'GR1', quantity: 2 }] })).toBe(2);
  });

  it('distinguish repeatable messages from others', () => {
    type Repeatable = ClientOf<typeof BasketProtocol, Message<unknown, unknown, unknown, true>>;
    const reads = (client: Repeatable) => [
      client.read, client.journal,
      // @ts-expect-error a change needs the command id of its caller
      client.change,
    ];

    expect(reads(basket)).toHaveLength(3);
  });

  it('are those of the schemas', () => {
    const reply: ReplyOf<typeof BasketProtocol.checkout> = { json: '{}', version: 1, orderId: 'o1' };
    // @ts-expect-error a checkout answers with an order
    const other: ReplyOf<typeof BasketProtocol.checkout> = { json: '{}', version: 1 };

    expect([reply, other]).toHaveLength(2);
  });
});
