import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  Identifier, PipelineChange, PipelineProtocol, type ClientOf, type Pipeline, type PipelineKey, type PipelineList, type WatchReply,
} from '@aisle/contracts';
import { Failure, isFailure, systemRuntime } from '@aisle/std';
import { CommandClient } from '../commands/command-client.ts';
import { commandIdOf } from '../commands/command-id.ts';
import { Page } from '../page.ts';
import { EventStream, type StreamEvent } from './event-stream.ts';
import { AnswersPipeline, AnswersPipelines, DeletesPipeline, StreamsMetrics } from './openapi.ts';

const PipelinePath = z.strictObject({ pipeline: Identifier });
type PipelinePath = z.infer<typeof PipelinePath>;

const STREAMS_MAX = 1_000;

class BadLastEventId extends Failure {
  readonly kind = 'invalid';
  readonly code = 'events.id_malformed';
  constructor() {
    super('the Last-Event-ID header must be the id of an event of this stream');
  }
}

class TooManyStreams extends Failure {
  readonly kind = 'throttled';
  readonly code = 'events.too_many_streams';
  constructor() {
    super('too many event streams are open', { streamsMax: STREAMS_MAX, retryAfterMs: 5_000 });
  }
}

/** Demand-driven pipelines: set, started, stopped and watched while they run. */
@Controller('v1/pipelines')
export class PipelinesController {
  private streams = 0;

  constructor(@Inject(CommandClient) private readonly commands: CommandClient) {}

  /** All pipelines there are, in the order of their names. */
  @Get()
  @AnswersPipelines()
  list(@Query({ schema: Page }) page: Page, @Req() request: FastifyRequest): Promise<PipelineList> {
    return this.to({}, request).list(page);
  }

  /** Settings, state and metrics of the pipeline. */
  @Get(':pipeline')
  @AnswersPipeline()
  read(@Param({ schema: PipelinePath }) path: PipelinePath, @Req() request: FastifyRequest): Promise<Pipeline> {
    return this.to(path, request).read();
  }

  /** Makes the pipeline, or changes its settings, also while it runs. What is left out stays; a new pipeline has the defaults. */
  @Put(':pipeline')
  @AnswersPipeline({ created: true, sized: true })
  async configure(
    @Param({ schema: PipelinePath }) path: PipelinePath,
    @Body({ schema: PipelineChange }) change: PipelineChange,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Pipeline> {
    const configured = await this.to(path, request).configure(change);
    if (configured.created) void reply.code(201);
    return configured.pipeline;
  }

  /** Lets its producers make events. One that runs goes on. */
  @Post(':pipeline/start')
  @HttpCode(200)
  @AnswersPipeline({ sized: true })
  start(@Param({ schema: PipelinePath }) path: PipelinePath, @Req() request: FastifyRequest): Promise<Pipeline> {
    return this.to(path, request).start();
  }

  /** Lets them make no more, and the pipeline run dry. The answer comes then, or after 2 s. */
  @Post(':pipeline/stop')
  @HttpCode(200)
  @AnswersPipeline()
  stop(@Param({ schema: PipelinePath }) path: PipelinePath, @Req() request: FastifyRequest): Promise<Pipeline> {
    return this.to(path, request).stop();
  }

  /** Deletes a pipeline that is stopped: its name is free, and its dead letters are gone. */
  @Delete(':pipeline')
  @HttpCode(204)
  @DeletesPipeline()
  remove(@Param({ schema: PipelinePath }) path: PipelinePath, @Req() request: FastifyRequest): Promise<void> {
    return this.to(path, request).remove();
  }

  /** Its metrics as they change, resumable by `Last-Event-ID`. */
  @Get(':pipeline/metrics')
  @StreamsMetrics()
  async metrics(
    @Param({ schema: PipelinePath }) path: PipelinePath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    let after = lastEventIdOf(request.headers['last-event-id']);
    const ask = async (): Promise<readonly StreamEvent[]> => {
      const watched = await this.to(path, request).watch({ after });
      after = watched.samples.at(-1)?.id ?? after;
      return eventsOf(watched);
    };
    if (this.streams >= STREAMS_MAX) throw new TooManyStreams();
    this.streams += 1;
    try {
      const first = await ask();
      reply.hijack();
      const stream = new EventStream(reply.raw, systemRuntime, () => ask().catch(nothingYet));
      reply.server.connections.endWith(reply.raw, () => stream.end());
      await stream.run(first);
    } catch (failure) {
      // A client that has the first events is not told any other way than by the end of the stream.
      if (!reply.raw.headersSent) throw failure;
    } finally {
      this.streams -= 1;
    }
  }

  private to(key: PipelineKey, { traceparent, headers }: FastifyRequest): ClientOf<typeof PipelineProtocol> {
    return this.commands.to(PipelineProtocol, key, { commandId: commandIdOf(headers['idempotency-key']), traceparent });
  }
}

function lastEventIdOf(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) throw new BadLastEventId();
  return Number(header);
}

function eventsOf({ samples, missed }: WatchReply): readonly StreamEvent[] {
  const events = samples.map(({ id, pipeline: { running, metrics } }) => ({
    id, event: 'metrics', data: { running, ...metrics },
  }));
  const [first] = events;
  return missed && first ? [{ id: first.id, event: 'reset', data: {} }, ...events] : events;
}

/** Whoever runs it may be away for a moment: the stream goes on when it is back. */
function nothingYet(failure: unknown): readonly StreamEvent[] {
  if (isFailure(failure) && ['unavailable', 'unknown', 'throttled'].includes(failure.kind)) return [];
  throw failure;
}
