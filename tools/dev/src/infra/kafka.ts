import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { run } from '../process/run.ts';
import { freePort } from '../process/ports.ts';
import { kafkaProgram, type KafkaProgram } from './kafka-programs.ts';
import { launch, onFreePort, type Running, type Service, type StartContext } from './service.ts';

type JavaProgram = KafkaProgram & { kind: 'java' };

const PROBE_WITHIN_MS = 2_000;
// Small, because it runs on a laptop beside everything else.
const JVM = ['-Xms64m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** One node that is broker and controller (KRaft), on loopback. Its URL is a value for `KAFKA_BROKERS`. */
export const kafka: Service = {
  name: 'kafka',
  stopSteps: [['SIGTERM', 15_000], ['SIGKILL', 2_000]],

  async start(context) {
    const program = await kafkaProgram(context);
    return onFreePort(context, (port) =>
      program.kind === 'java' ? startJava(port, program, context) : startDocker(port, program, context),
    );
  },

  async probe(url) {
    for (const address of url.split(',')) await askVersions(address.trim());
  },
};

async function startJava(port: number, program: JavaProgram, context: StartContext): Promise<Running> {
  const folder = join(context.dataDir, 'kafka');
  const data = join(folder, 'data');
  const properties = join(folder, 'server.properties');
  mkdirSync(folder, { recursive: true });
  writeFileSync(properties, propertiesOf(settings(port, await freePort(), data)));
  const java = (main: string, ...args: string[]): string[] => [...JVM, '-cp', join(program.jars, '*'), main, ...args];
  if (!existsSync(join(data, 'meta.properties'))) {
    context.note('creating the Kafka data folder');
    rmSync(data, { recursive: true, force: true });
    const cluster = randomBytes(16).toString('base64url');
    await run(program.java, java('kafka.tools.StorageTool', 'format', `--cluster-id=${cluster}`, '-c', properties));
  }
  const url = `127.0.0.1:${port}`;
  const server = await launch(
    kafka,
    context,
    { path: program.java, args: java('kafka.Kafka', properties), options: { cwd: folder } },
    () => kafka.probe(url),
  );
  return { url, port, source: program.source, process: server };
}

async function startDocker(
  port: number, program: KafkaProgram & { kind: 'docker' }, context: StartContext,
): Promise<Running> {
  // Inside the container it listens on the advertised port, because clients are redirected there.
  const env = Object.entries(settings(port, 9_093, '/tmp/kafka', '0.0.0.0')).flatMap(([name, value]) => [
    '--env', `KAFKA_${name.toUpperCase().replaceAll('.', '_')}=${value}`,
  ]);
  const url = `127.0.0.1:${port}`;
  const args = ['run', '--rm', '--name', program.container, '--publish', `${url}:${port}`, ...env, program.image];
  const server = await launch(kafka, context, { path: program.docker, args }, () => kafka.probe(url));
  return { url, port, source: program.source, process: server };
}

function settings(port: number, controllerPort: number, data: string, host = '127.0.0.1'): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': data,
    // Topics are created explicitly, with the partitions over which their keys are spread.
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'log.segment.bytes': String(64 * 1_024 * 1_024),
  };
}

function propertiesOf(entries: Record<string, string>): string {
  // A backslash or a leading blank has a meaning in this format.
  return Object.entries(entries)
    .map(([name, value]) => `${name}=${value.replace(/\\/g, '\\\\').replace(/^ /, '\\ ')}\n`)
    .join('');
}

/** Asks for the API versions of the broker, which is the first request of every client. */
function askVersions(address: string): Promise<void> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
  if (port === '') return Promise.reject(new Error(`not of the form host:port: ${address}`));
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port: Number(port), timeout: PROBE_WITHIN_MS });
    const end = (error?: Error): void => {
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    // Length, ApiVersions (18) version 0, correlation id, no client id.
    socket.on('connect', () => socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255])));
    socket.on('timeout', () => end(new Error(`${address} does not answer`)));
    socket.on('error', end);
    socket.on('close', () => end(new Error(`${address} hung up`)));
    // Length, correlation id, error code.
    socket.on('data', (answer) => end(answer.length >= 10 && answer.readInt16BE(8) === 0 ? undefined : new Error(`${address} is not a Kafka broker`)));
  });
}
