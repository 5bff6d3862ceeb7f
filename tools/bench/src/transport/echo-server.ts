// The other process of the transport benchmark: answers requests with their body, over the transport of its first
// argument, and reports over IPC when it is ready.
import 'reflect-metadata';
import { FrameReceiver, FrameSender, createRedisTransport, decodeBody, reply } from '@aisle/broker';
import { BrokerExceptionFilter, BrokerServer } from '@aisle/broker/nest';
import { systemRuntime as runtime } from '@aisle/std';
import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { EchoModule } from './echo-module.ts';
import { KEY_PREFIX, QUEUES, TCP_PORT, redisAddress } from './places.ts';

type Kind = 'broker' | 'broker-nest' | 'nest-redis' | 'nest-tcp';

const [kind, redisUrl] = process.argv.slice(2) as [Kind, string];

const start: Record<Kind, () => Promise<void>> = {
  broker: async () => {
    const transport = brokerTransport();
    const outbox = new FrameSender({ transport, runtime });
    new FrameReceiver({
      transport,
      runtime,
      queue: QUEUES.broker,
      onEnvelope: (envelope) => reply(outbox, envelope, { value: decodeBody(envelope.body) }),
    }).start();
  },
  'broker-nest': () => {
    const transport = brokerTransport();
    return serve({ strategy: new BrokerServer({ transport, runtime, queue: QUEUES.nest }) });
  },
  'nest-redis': () => serve({ transport: Transport.REDIS, options: redisAddress(redisUrl) }),
  'nest-tcp': () => serve({ transport: Transport.TCP, options: { port: TCP_PORT } }),
};

await start[kind]();
process.send?.('ready');
process.on('disconnect', () => process.exit(0));

function brokerTransport(): ReturnType<typeof createRedisTransport> {
  return createRedisTransport({ url: redisUrl, runtime, keyPrefix: KEY_PREFIX });
}

async function serve(options: MicroserviceOptions): Promise<void> {
  const app = await NestFactory.createMicroservice(EchoModule, { ...options, logger: false });
  app.useGlobalFilters(new BrokerExceptionFilter());
  await app.listen();
}
