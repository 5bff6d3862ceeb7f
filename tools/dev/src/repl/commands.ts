import { Refused, pathOf, type Gateway } from './gateway.ts';
import { deadLettersOf } from './dead-letters.ts';
import { kill, type Victim } from './kill.ts';
import { Operations } from './operations.ts';
import type { Processes } from './processes.ts';
import { Basket, ConsumerRef, PipelineThing, nameOf, type ConsumerLike } from './things.ts';

/** The market of the seed that is used by default. */
const MARKET = 'm1';

/** The functions of the prompt, with their descriptions. */
export const USAGE: readonly (readonly [call: string, what: string])[] = [
  ["startConsumer('consumer1')", 'returns a ref; { already_started: ref } for a taken name'],
  ["sendMessage(ref, 'Hello')", 'to a consumer, by ref or name; durable once answered'],
  ['getState(ref)', 'its messages, in order of arrival'],
  ['stopConsumer(ref)', 'stops it, and frees its name'],
  ["pipelines()  pipeline('default')", 'its state; .start() .stop() .set({ rate: 5000, consumerCount: 4 }) .delete()'],
  ["pipeline('default').deadLetters()", 'events that it gave up; .redrive() .discard(), for all or for given ids'],
  ['deadLetters()', "groups of all dead letters; .list({ consumer }) .redrive({ code }) .discard({ ids: [1] }) for events"],
  ["eventConsumers()  forgetConsumer('old')", 'consumers for which events are kept; forget a retired one'],
  ["addProduct({ sku, name, price: { amount: 250, currency: 'GBP' }, quantity })", `in ${MARKET}, or (…, 'm2')`],
  ["getProduct('GR1')  updateProduct('GR1', { quantity: 10 })  deleteProduct('GR1')", `in ${MARKET}, or (…, 'm2')`],
  ["basket('anna')", `in ${MARKET}, or (…, 'm2'); .add('GR1', 2) .set('GR1', 3) .remove('GR1') .clear() .checkout()`],
  ["quote(['GR1', 'SR1'])", 'prices without a basket'],
  ['tree()  nodes()', 'supervision trees and processes; tree(\'basket-server-1\')'],
  ["kill('basket-server-1')", 'by instance or pid; kill -9 by default'],
  ["kill('consumer consumer1')  kill(ref)", 'one actor: consumer, pipeline, basket, market or product; tree() shows its return'],
];

/** The functions of the prompt. */
export function commandsFor(gateway: Gateway, processes: Processes): Record<string, unknown> {
  const productsOf = (market: string): string => pathOf`/markets/${market}/products`;
  const operations = new Operations(() => processes.apps());
  const productOf = (sku: string, market: string): string => pathOf`/markets/${market}/products/${sku}`;
  return {
    startConsumer: (name: string) => startConsumer(gateway, name),
    async sendMessage(to: ConsumerLike, body: unknown) {
      return gateway.send('POST', pathOf`/consumers/${await nameOf(to)}/messages`, { body });
    },
    async getState(of: ConsumerLike) {
      return gateway.send('GET', pathOf`/consumers/${await nameOf(of)}`);
    },
    async stopConsumer(which: ConsumerLike) {
      return gateway.send('DELETE', pathOf`/consumers/${await nameOf(which)}`);
    },
    pipelines: () => gateway.send('GET', '/pipelines'),
    pipeline: (name = 'default') => new PipelineThing(gateway, name, operations),
    deadLetters: deadLettersOf(operations),
    eventConsumers: () => operations.items('consumers'),
    forgetConsumer: (consumer: string) => operations.all('consumers/forget', { consumer }),
    addProduct: (product: object, market = MARKET) => gateway.send('POST', productsOf(market), product),
    getProduct: (sku: string, market = MARKET) => gateway.send('GET', productOf(sku, market)),
    updateProduct: (sku: string, changes: object, market = MARKET) =>
      gateway.send('PATCH', productOf(sku, market), changes),
    deleteProduct: (sku: string, market = MARKET) => gateway.send('DELETE', productOf(sku, market)),
    basket: (id: string, market = MARKET) => new Basket(gateway, pathOf`/markets/${market}/baskets/${id}`),
    quote: (items: readonly unknown[], market = MARKET) =>
      gateway.send('POST', pathOf`/markets/${market}/quotes`, { items }),
    tree: (instance?: string) => processes.tree(instance),
    nodes: () => processes.nodes(),
    kill: (victim: Victim, signal?: NodeJS.Signals) => kill({ processes, operations }, victim, signal),
  };
}

/** Like OTP's `start_link`: a taken name is not an error, and returns its holder. */
async function startConsumer(gateway: Gateway, name: string): Promise<ConsumerRef | { already_started: ConsumerRef }> {
  try {
    return refOf(await gateway.send('POST', '/consumers', { name }));
  } catch (refused) {
    if (!(refused instanceof Refused) || refused.code !== 'already_started') throw refused;
    return { already_started: refOf(refused.details['consumer']) };
  }
}

function refOf(consumer: unknown): ConsumerRef {
  const { name, startedAt } = consumer as { name: string; startedAt: string };
  return new ConsumerRef(name, startedAt);
}
