// Question: what does a request to another process cost through our transport, and through Nest's? The caller is this
// process, the server a second one, Redis a third, all on the same cores.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FrameSender, Requester, createRedisTransport } from '@aisle/broker';
import { BrokerClient } from '@aisle/broker/nest';
import { ensureInfra } from '@aisle/dev';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { Logger } from '@nestjs/common';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import type { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { bench } from './harness.ts';
import type { BenchCase, BenchRun } from './harness.ts';
import { KEY_PREFIX, QUEUES, TCP_PORT, redisAddress } from './transport/places.ts';

// Nest's clients log their connection in every round.
Logger.overrideLogger(false);

const BODY = { sku: 'GR1', quantity: 3 };
const { redisUrl } = await ensureInfra({ needs: ['redis'] });

const callers: Record<string, () => BenchRun | Promise<BenchRun>> = {
  'nest-redis': () =>
    throughClient(
      ClientProxyFactory.create({ transport: Transport.REDIS, options: redisAddress(redisUrl) }),
    ),
  'nest-tcp': () =>
    throughClient(
      ClientProxyFactory.create({ transport: Transport.TCP, options: { port: TCP_PORT } }),
    ),
  broker: () => {
    const transport = brokerTransport();
    const outbox = new FrameSender({ transport, runtime });
    const replyQueue = `bench-${uuidv7(runtime)}`;
    const requester = new Requester({ transport, sender: outbox, runtime, replyQueue });
    return {
      operate: () => requester.request<void>(QUEUES.broker, header(), BODY).then(one),
      close: async () => {
        await requester.close();
        await transport.close();
      },
    };
  },
  'broker-nest': () => {
    const transport = brokerTransport();
    const client = new BrokerClient({ transport, runtime, instance: 'bench' });
    return {
      operate: () => client.request<void>(QUEUES.nest, header(), BODY).then(one),
      close: async () => {
        await client.close();
        await transport.close();
      },
    };
  },
};

const servers = await Promise.all(Object.keys(callers).map(startServer));
try {
  await bench('request/reply between two processes', {}, [1, 64, 512].flatMap(casesAt));
} finally {
  for (const server of servers) server.disconnect();
}

function casesAt(concurrency: number): BenchCase<Record<never, never>>[] {
  const bars = { broker: { ratioMin: 3, p50RatioMax: 0.5 } };
  return Object.entries(callers).map(([name, open]) => ({
    group: `${concurrency} in flight`,
    name,
    concurrency,
    open,
    ...(concurrency === 64 && name === 'broker' ? bars.broker : {}),
  }));
}

function header(): Parameters<Requester['request']>[1] {
  return {
    id: uuidv7(runtime),
    type: 'echo',
    tenant: 'default',
    market: 'm1',
    actor: '0193f3a0-7b1e-7c3d-9b2a-0c1d2e3f4a5b',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    deadlineMs: runtime.clock.nowMs() + 5_000,
  };
}

async function throughClient(client: ClientProxy): Promise<BenchRun> {
  await client.connect();
  return {
    operate: () => firstValueFrom(client.send('echo', BODY)).then(one),
    close: () => client.close(),
  };
}

async function startServer(kind: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./transport/echo-server.ts', import.meta.url));
  const server = fork(program, [kind, redisUrl]);
  await once(server, 'message');
  return server;
}

function brokerTransport(): ReturnType<typeof createRedisTransport> {
  return createRedisTransport({ url: redisUrl, runtime, keyPrefix: KEY_PREFIX });
}

function one(): number {
  return 1;
}
