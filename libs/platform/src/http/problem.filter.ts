import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isFailure } from '@aisle/std';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import { traceIdOf } from '../telemetry/trace.ts';
import { sendProblem } from './problem.ts';
import { RequestFailure, refusalOf } from './refusal.ts';

/** Answers everything that a request throws with problem+json. A bug is logged once, here. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const traceId = traceIdOf(request.traceparent);

    if (isFailure(thrown)) {
      void sendProblem(reply, request.url, thrown, { traceId });
      return;
    }
    const refusal = refusalOf(thrown, thrown instanceof HttpException ? thrown.getStatus() : undefined);
    if (refusal) {
      void sendProblem(reply, request.url, refusal.failure, { traceId, status: refusal.status });
      return;
    }
    this.logger.error('request failed', { traceId, url: request.url, ...errorFields(thrown) });
    void sendProblem(reply, request.url, RequestFailure.bug(), { traceId });
  }
}
