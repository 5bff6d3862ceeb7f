import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Identifier, Pipeline, PipelineChange, PipelineList, PipelineProtocol, type ClientOf, type PipelineKey, type WatchReply } from '@aisle/contracts';
import { failures, isFailure, systemRuntime } from '@aisle/std';
import { CommandClient } from '../commands/command-client.ts';
import { Identity } from '../identity/identity.ts';
import { changed, documentOf, nothing, stream, value, type Document } from '../routes/answers.ts';
import { Caller } from '../routes/caller.ts';
import { Page } from '../routes/parameters.ts';
import { Route } from '../routes/route.ts';
import { EventStream, type StreamEvent } from './event-stream.ts';

const PipelinePath = z.strictObject({ pipeline: Identifier.meta({ description: 'the name of the pipeline', examples: ['demo'] }) });
type PipelinePath = z.infer<typeof PipelinePath>;

const STREAMS_MAX = 1_000;

const EventsFailure = failures('events', {
  idMalformed: ['invalid', 'the Last-Event-ID header must be the id of an event of this stream'],
  tooManyStreams: ['throttled', 'too many event streams are open', () => ({ streamsMax: STREAMS_MAX, retryAfterMs: 5_000 })],
});

/** The routes of demand-driven pipelines. */
@ApiTags('Pipelines')
@Controller('v1/pipelines')
export class PipelinesController {
  private streams = 0;

  constructor(
    @Inject(CommandClient) private readonly commands: CommandClient,
    @Inject(Identity) private readonly identity: Identity,
  ) {}

  @Route('GET', { scope: 'pipelines:read', summary: 'Lists pipelines by name.', query: Page, answers: value(PipelineList, { errors: [] }) })
  listPipelines(@Query() page: Page, @Caller() caller: Caller): Promise<PipelineList> {
    return this.to({}, caller).list(page);
  }

  @Route('GET :pipeline', { scope: 'pipelines:read', summary: 'Reads the settings, state and metrics of the pipeline.', path: PipelinePath, answers: value(Pipeline, { errors: ['pipeline.missing'] }) })
  getPipeline(@Param() path: PipelinePath, @Caller() caller: Caller): Promise<Pipeline> {
    return this.to(path, caller).read();
  }

  @Route('PUT :pipeline', {
    scope: 'pipelines:write',
    summary: 'Creates the pipeline, or changes its settings, even while it runs.',
    description: 'Settings that the body leaves out keep their values; in a new pipeline they have the defaults.', path: PipelinePath, body: PipelineChange,
    example: { rate: 100 }, answers: changed(Pipeline, { statuses: [200, 201], errors: ['pipeline.draining', 'pipeline.too_big', 'pipelines.full'] }),
  })
  async configurePipeline(@Param() path: PipelinePath, @Body() change: PipelineChange, @Caller() caller: Caller): Promise<Document<Pipeline>> {
    const { pipeline, created } = await this.to(path, caller).configure(change);
    return documentOf(pipeline, { created });
  }

  @Route('POST :pipeline/start', {
    scope: 'pipelines:write',
    summary: 'Starts the producers of the pipeline.', description: 'It has no effect on a running pipeline.', path: PipelinePath,
    answers: value(Pipeline, { errors: ['pipeline.draining', 'pipeline.missing', 'pipeline.too_big', 'pipelines.full'] }),
  })
  startPipeline(@Param() path: PipelinePath, @Caller() caller: Caller): Promise<Pipeline> {
    return this.to(path, caller).start();
  }

  @Route('POST :pipeline/stop', {
    scope: 'pipelines:write',
    summary: 'Stops the producers of the pipeline, and lets the pipeline drain.',
    description: 'The answer comes when the pipeline is empty, or after 2 s.', path: PipelinePath,
    answers: value(Pipeline, { errors: ['pipeline.missing'] }),
  })
  stopPipeline(@Param() path: PipelinePath, @Caller() caller: Caller): Promise<Pipeline> {
    return this.to(path, caller).stop();
  }

  @Route('DELETE :pipeline', {
    scope: 'pipelines:write',
    summary: 'Deletes a stopped pipeline and its dead letters, and frees its name.',
    description: 'For a running pipeline the answer is 409 `pipeline.running`.', path: PipelinePath,
    answers: nothing('the pipeline is deleted', { errors: ['pipeline.draining', 'pipeline.missing', 'pipeline.running'], key: 'taken' }),
  })
  deletePipeline(@Param() path: PipelinePath, @Caller() caller: Caller): Promise<void> {
    return this.to(path, caller).remove();
  }

  @Route('GET :pipeline/metrics', {
    scope: 'pipelines:read',
    summary: 'Streams the metrics of the pipeline as server-sent events.',
    description: 'While the pipeline runs, there is one event `metrics` per second, with an id. An event `reset` comes first if the client missed some.',
    path: PipelinePath,
    headers: { 'Last-Event-ID': { description: 'the id of the last event that the client received', schema: { type: 'string', pattern: '^[0-9]{1,15}$' } } },
    answers: stream('text/event-stream', z.string(), { errors: ['events.id_malformed', 'events.too_many_streams', 'pipeline.missing'] }),
  })
  async watchPipeline(@Param() path: PipelinePath, @Caller() caller: Caller, @Res() reply: FastifyReply): Promise<void> {
    let after = lastEventIdOf(reply.request.headers['last-event-id']);
    const poll = async (): Promise<readonly StreamEvent[]> => {
      // A stream may outlive its credential.
      await this.identity.principalOf(reply.request.headers);
      const watched = await this.to(path, caller).watch({ after });
      after = watched.samples.at(-1)?.id ?? after;
      return eventsOf(watched);
    };
    if (this.streams >= STREAMS_MAX) throw EventsFailure.tooManyStreams();
    this.streams += 1;
    try {
      const first = await poll();
      reply.hijack();
      const events = new EventStream(reply.raw, systemRuntime, () => poll().catch(nothingYet));
      reply.server.connections.endWith(reply.raw, () => events.end());
      await events.run(first);
    } catch (failure) {
      // Once the stream has begun, its end is the only way to tell the client about a failure.
      if (!reply.raw.headersSent) throw failure;
    } finally {
      this.streams -= 1;
    }
  }

  private to(key: PipelineKey, caller: Caller): ClientOf<typeof PipelineProtocol> {
    return this.commands.to(PipelineProtocol, key, caller);
  }
}

function lastEventIdOf(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) throw EventsFailure.idMalformed();
  return Number(header);
}

function eventsOf({ samples, missed }: WatchReply): readonly StreamEvent[] {
  const events = samples.map(({ id, pipeline: { running, metrics } }) => ({
    id, event: 'metrics', data: { running, ...metrics },
  }));
  const [first] = events;
  return missed && first ? [{ id: first.id, event: 'reset', data: {} }, ...events] : events;
}

/** Returns no events for a passing failure: the process of the pipeline may be away for a moment, and the stream goes on later. */
function nothingYet(failure: unknown): readonly StreamEvent[] {
  if (isFailure(failure) && ['unavailable', 'unknown', 'throttled'].includes(failure.kind)) return [];
  throw failure;
}
