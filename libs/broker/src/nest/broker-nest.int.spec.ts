import 'reflect-metadata';
import { ensureInfra } from '@aisle/dev';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Controller, Inject, Module } from '@nestjs/common';
import type { DynamicModule, INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';

import { requestHeader } from '../testing/envelopes.ts';
import { createRedisTransport } from '../transports/redis-transport.ts';
import type { Transport } from '../transports/transport.ts';
import { BrokerClient } from './broker-client.ts';
import { BrokerExceptionFilter } from './broker-exception.filter.ts';
import { BrokerServer } from './broker-server.ts';

const HANDLED = Symbol('the numbers that a replica handled');

@Controller()
class CountController {
  constructor(@Inject(HANDLED) private readonly handled: number[]) {}

  @MessagePattern('count')
  count(@Payload() number: number): number {
    this.handled.push(number);
    return number;
  }

  @EventPattern('counted')
  counted(@Payload() number: number): void {
    this.handled.push(number);
  }
}

@Module({})
class CountModule {
  static with(handled: number[]): DynamicModule {
    return {
      module: CountModule,
      controllers: [CountController],
      providers: [{ provide: HANDLED, useValue: handled }],
    };
  }
}

interface Replica {
  app: INestMicroservice;
  transport: Transport;
}

describe('two replicas of a BrokerServer over Redis', () => {
  const keyPrefix = `test-broker-nest-${uuidv7(runtime)}:`;
  let redisUrl: string;
  let handled: [number[], number[]];
  let replicas: Replica[];
  let clientTransport: Transport;
  let client: BrokerClient;

  beforeAll(async () => {
    ({ redisUrl } = await ensureInfra({ needs: ['redis'] }));
  });

  beforeEach(async () => {
    handled = [[], []];
    replicas = await Promise.all(handled.map(startReplica));
    clientTransport = createRedisTransport({ url: redisUrl, runtime, keyPrefix });
    client = new BrokerClient({
      transport: clientTransport,
      runtime,
      instance: 'test',
      queue: 'count',
    });
  });
  afterEach(async () => {
    await client.close();
    await clientTransport.close();
    for (const { app, transport } of replicas) {
      await app.close();
      await transport.close();
    }
  });

  it('share the requests, and handle each exactly once', async () => {
    const answers: number[] = [];

    await eventually(async () => {
      const next = Array.from({ length: 20 }, (_, number) => answers.length + number);
      answers.push(...(await Promise.all(next.map(count))));
      expect(Math.min(...handled.map(({ length }) => length))).toBeGreaterThan(0);
    });

    expect(answers).toEqual(Array.from(answers, (_, number) => number));
    expect(handled.flat().sort((a, b) => a - b)).toEqual(answers);
  });

  it('handle each event exactly once', async () => {
    client.emit('counted', 7);
    client.emit('counted', 8);

    await eventually(() => expect(handled.flat().sort()).toEqual([7, 8]));
  });

  it('lose no request when one of them closes', async () => {
    const numbers = Array.from({ length: 100 }, (_, number) => number);

    const answers = Promise.all(numbers.map(count));
    await replicas[0]?.app.close();
    const after = await count(1_000);

    expect(await answers).toEqual(numbers);
    expect(after).toBe(1_000);
    expect(handled[1]).toContain(1_000);
  });

  function count(number: number): Promise<number> {
    return client.request<number>('count', requestHeader({ type: 'count' }), number);
  }

  async function startReplica(numbers: number[]): Promise<Replica> {
    const transport = createRedisTransport({ url: redisUrl, runtime, keyPrefix });
    const strategy = new BrokerServer({ transport, runtime, queue: 'count' });
    const app = await NestFactory.createMicroservice(CountModule.with(numbers), {
      strategy,
      logger: false,
    });
    app.useGlobalFilters(new BrokerExceptionFilter());
    await app.listen();
    return { app, transport };
  }
});
