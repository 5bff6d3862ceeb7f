import { eventually } from '@aisle/std/testing';
import { startSystem, type TestSystem } from '@aisle/dev/testing';

describe('pipelines, behind the gateway', () => {
  let system: TestSystem;
  const streams = new AbortController();
  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 0, 'basket-manager': 0, 'producer-consumer': 2 });
  });
  afterAll(async () => {
    streams.abort();
    await system.stop();
  });

  it('include the one of the seed, with the default settings', async () => {
    expect(await call('GET', '/v1/pipelines/default')).toMatchObject({
      status: 200,
      body: {
        name: 'default', producerCount: 1, consumerCount: 8, rate: 1_000, demand: 100, faults: [], running: false,
        metrics: { produced: 0, acknowledged: 0, eventsPerSecond: 0 },
      },
    });
  });

  it('are created and changed by PUT, and started and stopped by POST', async () => {
    const faults = [{ kind: 'crash', at: 'consumer', probability: 0.01, seed: 7 }];

    const made = await call('PUT', '/v1/pipelines/p1', { consumerCount: 2, faults });
    const started = await call('POST', '/v1/pipelines/p1/start');
    const running = await until('p1', ({ metrics }) => metrics.acknowledged > 100);
    const set = await call('PUT', '/v1/pipelines/p1', { rate: 100 });
    const stopped = await call('POST', '/v1/pipelines/p1/stop');

    expect([made.status, set.status]).toEqual([201, 200]);
    expect(made.body).toMatchObject({ consumerCount: 2, faults, running: false });
    expect(started).toMatchObject({ status: 200, body: { running: true } });
    expect(running.metrics).toMatchObject({
      eventsPerSecond: expect.any(Number), latencyMs: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
      process: { cpuPercent: expect.any(Number), eventLoopLagMs: expect.any(Number), memoryMiB: expect.any(Number) },
    });
    expect(set.body).toMatchObject({ consumerCount: 2, rate: 100, faults, running: true });
    expect(stopped).toMatchObject({ status: 200, body: { running: false } });
    await until('p1', ({ metrics }) => metrics.produced === metrics.acknowledged + metrics.deadLettered);
  });

  it('are listed, and deleted once they are stopped', async () => {
    await call('PUT', '/v1/pipelines/brief', { rate: 10 });
    await call('POST', '/v1/pipelines/brief/start');
    const list = (await call('GET', '/v1/pipelines')).body as unknown as { items: object[]; next: null };

    const refused = await call('DELETE', '/v1/pipelines/brief');
    await call('POST', '/v1/pipelines/brief/stop');
    await eventually(async () => (await fetch(`${system.gatewayUrl}/v1/pipelines/brief`, { method: 'DELETE' })).status === 204);

    expect(list.items).toContainEqual(expect.objectContaining({ name: 'brief', rate: 10, running: true }));
    expect(refused).toMatchObject({ status: 409, body: { code: 'pipeline.running' } });
    expect(await call('GET', '/v1/pipelines/brief')).toMatchObject({ status: 404 });
    expect((await call('GET', '/v1/pipelines?limit=1')).body).toMatchObject({ items: [{ name: 'default' }] });
  });

  it('stream their metrics with ids, from which another stream continues', async () => {
    await call('PUT', '/v1/pipelines/p2', {});
    await call('POST', '/v1/pipelines/p2/start');

    const first = await eventsOf('p2', 3);
    const [one, two, three] = first;
    const resumed = await eventsOf('p2', 2, { 'last-event-id': String(one?.id) });
    const lost = await eventsOf('p2', 2, { 'last-event-id': '1' });

    expect(first.map(({ event, data }) => [event, data.running])).toEqual(first.map(() => ['metrics', true]));
    expect(three?.data.produced).toBeGreaterThan(one?.data.produced ?? 0);
    expect(resumed.map(({ id }) => id)).toEqual([two?.id, three?.id]);
    expect(lost.map(({ event }) => event)).toEqual(['reset', 'metrics']);
  });

  it('send a heartbeat while nothing happens', async () => {
    await call('PUT', '/v1/pipelines/idle', {});

    const response = await open('idle');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes(': still here\n\n')) text += new TextDecoder().decode((await reader.read()).value);

    expect(text.match(/event: metrics/g)).toHaveLength(1);
    await reader.cancel();
  });

  it('continue in another process with their settings when theirs is killed, and so does a stream of them', async () => {
    await call('PUT', '/v1/pipelines/p3', { producerCount: 2, rate: 500 });
    await call('POST', '/v1/pipelines/p3/start');
    const before = await until('p3', ({ metrics }) => metrics.acknowledged > 100);
    const [victim] = await runnersOf('p3');
    const streamed = eventsOf('p3', 60, {}, ({ data }) => data.since !== before.metrics.since);

    victim?.signal('SIGKILL');
    await victim?.ended();

    const after = await until('p3', ({ running, metrics }) => running && metrics.since !== before.metrics.since && metrics.acknowledged > 0);
    expect(after).toMatchObject({ producerCount: 2, rate: 500 });
    expect((await streamed).at(-1)?.data.since).toBe(after.metrics.since);
  });

  it.each<{ are: string; count: number; settings: object }>([
    { are: 'make large batches', count: 4, settings: { producerCount: 16, consumerCount: 64, rate: 14_000, demand: 200 } },
    { are: 'make a batch of each event', count: 4, settings: { producerCount: 16, consumerCount: 64, rate: 14_000, demand: 1 } },
    { are: 'have one producer', count: 1, settings: { producerCount: 1, consumerCount: 64, rate: 900_000, demand: 2 } },
    {
      are: 'crash at everything', count: 4, settings: {
        producerCount: 16, consumerCount: 64, rate: 14_000, demand: 200,
        faults: [{ kind: 'crash', at: 'consumer', probability: 1 }, { kind: 'crash', at: 'producer', probability: 0.5 }],
      },
    },
  ])('leave capacity for other work when they $are, up to the limit', async ({ are, count, settings }) => {
    const names = Array.from({ length: count }, (_, n) => `${are} ${n}`);
    await call('POST', '/v1/consumers', { name: are });
    for (const name of names) {
      expect((await call('PUT', `/v1/pipelines/${name}`, settings)).status).toBe(201);
      expect((await call('POST', `/v1/pipelines/${name}/start`)).status).toBe(200);
    }

    const answers: string[] = [];
    for (let n = 0; n < 50; n += 1) {
      const [sent, read] = [
        await call('POST', `/v1/consumers/${are}/messages`, { body: n }), await call('GET', `/v1/pipelines/${names[n % count]}`),
      ];
      answers.push(`${sent.status} ${read.status}`);
    }
    const stopped = await Promise.all(names.map((name) => call('POST', `/v1/pipelines/${name}/stop`)));

    expect(answers).toEqual(answers.map(() => '201 200'));
    expect(stopped.map(({ status }) => status)).toEqual(names.map(() => 200));
  });

  it('leave capacity for other work when a new process takes them all up', async () => {
    const names = Array.from({ length: 4 }, (_, n) => `taken up ${n}`);
    for (const name of names) {
      await call('PUT', `/v1/pipelines/${name}`, { producerCount: 16, consumerCount: 64, rate: 14_000, demand: 1 });
      // Pipelines that crash at every event keep their capacity until they have drained.
      await eventually(async () => (await call('POST', `/v1/pipelines/${name}/start`)).status === 200);
    }
    const [victim] = await runnersOf('taken up 0');
    await system.start('producer-consumer');

    victim?.signal('SIGKILL');
    await victim?.ended();

    for (const name of names) await until(name, ({ running, metrics }) => running && metrics.acknowledged > 0);
    const answers: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const name = `beside ${n}`;
      answers.push((await call('POST', '/v1/consumers', { name })).status);
      answers.push((await call('POST', `/v1/consumers/${name}/messages`, { body: n })).status);
    }
    const stopped = await Promise.all(names.map((name) => call('POST', `/v1/pipelines/${name}/stop`)));

    expect(answers).toEqual(answers.map(() => 201));
    expect(stopped.map(({ status }) => status)).toEqual(names.map(() => 200));
  });

  it('are counted for Prometheus', async () => {
    await eventually(async () => {
      const [runner] = await runnersOf('p3');
      if (!runner) return false;
      const text = await (await fetch(`${runner.opsUrl}/metrics`)).text();
      return /pipeline_events_total\{pipeline="p3",what="acknowledged"[^}]*\} [1-9]/.test(text);
    });
  });

  it.each([
    ['GET', '/v1/pipelines/none', undefined, 404, 'pipeline.missing'],
    ['GET', '/v1/pipelines/none/metrics', undefined, 404, 'pipeline.missing'],
    ['POST', '/v1/pipelines/none/start', undefined, 404, 'pipeline.missing'],
    ['POST', '/v1/pipelines/none/stop', undefined, 404, 'pipeline.missing'],
    ['DELETE', '/v1/pipelines/none', undefined, 404, 'pipeline.missing'],
    ['GET', '/v1/pipelines?limit=0', undefined, 400, 'input.invalid'],
    ['PUT', '/v1/pipelines/bad', { producerCount: 0 }, 400, 'input.invalid'],
    ['PUT', '/v1/pipelines/bad', { consumerCount: 65 }, 400, 'input.invalid'],
    ['PUT', '/v1/pipelines/bad', { consumers: 8 }, 400, 'input.invalid'],
    ['PUT', '/v1/pipelines/bad', { faults: [{ kind: 'duplicate', at: 'producer', probability: 1 }] }, 400, 'input.invalid'],
    ['PUT', '/v1/pipelines/bad', { producerCount: 16, rate: 1_000_000 }, 422, 'pipeline.too_big'],
    ['PUT', '/v1/pipelines/bad', { producerCount: 16, consumerCount: 64, demand: 10_000, rate: 1 }, 422, 'pipeline.too_big'],
    ['GET', '/v1/pipelines/bad', undefined, 404, 'pipeline.missing'],
    ['PUT', '/v1/pipelines/bad', { faults: [{ kind: 'crash', at: 'consumer', probability: 2 }] }, 400, 'input.invalid'],
  ])('answer %s %s %j with %i %s', async (method, path, body, status, code) => {
    const response = await fetch(`${system.gatewayUrl}${path}`, init(method, body));

    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it('refuse an invalid Last-Event-ID', async () => {
    const response = await open('p2', { 'last-event-id': 'x' });

    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'events.id_malformed']);
  });

  it('have logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${system.gatewayUrl}${path}`, init(method, body));
    return { status: response.status, body: (await response.json()) as Body };
  }

  async function until(name: string, isSo: (pipeline: Body) => boolean): Promise<Body> {
    let pipeline!: Body;
    await eventually(async () => {
      const answer = await call('GET', `/v1/pipelines/${name}`);
      pipeline = answer.body;
      return answer.status === 200 && isSo(pipeline);
    });
    return pipeline;
  }

  function open(name: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${system.gatewayUrl}/v1/pipelines/${name}/metrics`, { headers, signal: streams.signal });
  }

  /** The first events of a stream, up to a number or to a certain one. */
  async function eventsOf(
    name: string, count: number, headers: Record<string, string> = {}, isLast: (event: StreamEvent) => boolean = () => false,
  ): Promise<StreamEvent[]> {
    const response = await open(name, headers);
    const events: StreamEvent[] = [];
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder().decode(chunk);
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      events.push(...frames.filter((frame) => frame.startsWith('id: ')).map(eventOf));
      if (events.length >= count || events.some(isLast)) break;
    }
    return events.slice(0, count);
  }

  /** The processes whose supervision tree has the pipeline. */
  async function runnersOf(name: string): Promise<TestSystem['apps']> {
    const them = system.apps.filter(({ instance }) => instance.startsWith('producer-consumer'));
    const trees = await Promise.all(them.map(({ opsUrl }) => fetch(`${opsUrl}/ops/tree`).then((tree) => tree.text(), () => '')));
    return them.filter((_, index) => trees[index]?.includes(`"id":"${name}","server":"PipelineServer"`));
  }
});

interface Body {
  name: string;
  running: boolean;
  metrics: { since: string | null; produced: number; acknowledged: number; deadLettered: number };
}

interface StreamEvent {
  id: number;
  event: string;
  data: Body['metrics'] & { running: boolean };
}

function init(method: string, body: unknown): RequestInit {
  return body === undefined
    ? { method }
    : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function eventOf(frame: string): StreamEvent {
  const field = (name: string): string => frame.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  return { id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) as StreamEvent['data'] };
}
