import { inspect } from 'node:util';
import { pathOf, type Gateway } from './gateway.ts';
import type { Operations } from './operations.ts';

/** A consumer somewhere in the system. */
export class ConsumerRef {
  constructor(
    readonly name: string,
    readonly startedAt: string,
  ) {}

  [inspect.custom](): string {
    return `Consumer<${this.name}>`;
  }
}

/** A consumer by reference or name, or a result or promise of `startConsumer`. */
export type ConsumerLike =
  | string
  | ConsumerRef
  | { readonly already_started: ConsumerRef }
  | PromiseLike<string | ConsumerRef | { readonly already_started: ConsumerRef }>;

export async function nameOf(consumer: ConsumerLike): Promise<string> {
  const like = await consumer;
  if (typeof like === 'string') return like;
  return 'already_started' in like ? like.already_started.name : like.name;
}

/** An object that the prompt reads by its name, and changes by its methods. */
abstract class Thing<T> implements PromiseLike<T> {
  constructor(
    protected readonly gateway: Gateway,
    protected readonly path: string,
  ) {}

  then<R = T, F = never>(
    done?: ((value: T) => R | PromiseLike<R>) | null, failed?: ((reason: unknown) => F | PromiseLike<F>) | null,
  ): PromiseLike<R | F> {
    return this.read().then(done, failed);
  }

  protected read(): Promise<T> {
    return this.send('GET', '');
  }

  protected send<R = T>(method: string, below: string, body?: unknown): Promise<R> {
    return this.gateway.send(method, this.path + below, body) as Promise<R>;
  }
}

/** A basket. Naming it creates it if it is missing. */
export class Basket extends Thing<unknown> {
  add(sku: string, quantity = 1): Promise<unknown> {
    return this.send('POST', '/lines', { sku, quantity });
  }

  set(sku: string, quantity: number): Promise<unknown> {
    return this.send('PUT', pathOf`/lines/${sku}`, { quantity });
  }

  remove(sku: string): Promise<unknown> {
    return this.send('DELETE', pathOf`/lines/${sku}`);
  }

  clear(): Promise<unknown> {
    return this.send('DELETE', '');
  }

  checkout(): Promise<unknown> {
    return this.send('POST', '/checkout');
  }

  protected override read(): Promise<unknown> {
    return this.send('PUT', '');
  }

  [inspect.custom](): string {
    return `Basket<${this.path}>`;
  }
}

/** A pipeline's settings, of which a part may be changed. */
type Settings = Readonly<Record<'producerCount' | 'consumerCount' | 'rate' | 'demand' | 'faults', unknown>>;

/** A pipeline. */
export class PipelineThing extends Thing<Settings> {
  constructor(
    gateway: Gateway,
    private readonly name: string,
    private readonly operations: Operations,
  ) {
    super(gateway, pathOf`/pipelines/${name}`);
  }

  /** Changes the given settings, and keeps the others. */
  async set(changes: Partial<Settings>): Promise<unknown> {
    const { producerCount, consumerCount, rate, demand, faults } = await this.read();
    return this.send('PUT', '', { producerCount, consumerCount, rate, demand, faults, ...changes });
  }

  start(): Promise<unknown> {
    return this.send('POST', '/start');
  }

  stop(): Promise<unknown> {
    return this.send('POST', '/stop');
  }

  /** Deletes it for good. It must be stopped. */
  delete(): Promise<unknown> {
    return this.send('DELETE', '');
  }

  /** The events that it has given up. */
  deadLetters(): Promise<unknown> {
    return this.operations.items('pipeline-letters', { pipeline: this.name });
  }

  /** Retries all of them, or those with the given ids. */
  redrive(ids?: readonly number[]): Promise<unknown> {
    return this.operate('redrive', ids);
  }

  /** Deletes all of them, or those with the given ids. */
  discard(ids?: readonly number[]): Promise<unknown> {
    return this.operate('discard', ids);
  }

  private async operate(what: string, ids: readonly number[] | undefined): Promise<unknown> {
    return (await this.operations.one(`pipeline-letters/${what}`, { pipeline: this.name, ids }))?.answer;
  }

  [inspect.custom](): string {
    return `Pipeline<${this.path}>`;
  }
}
