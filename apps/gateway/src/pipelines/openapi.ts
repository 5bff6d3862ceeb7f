import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { Pipeline, PipelineList } from '@aisle/contracts';
import { answer, problems, takesKey } from '../openapi.ts';

/** A route that answers with a pipeline, after the change if there was one. `sized`: there may never be room for it. */
export function AnswersPipeline({ created = false, sized = false } = {}): MethodDecorator {
  return applyDecorators(
    answer(200, Pipeline), ...(created ? [answer(201, Pipeline)] : []),
    ...problems(400, 404, ...(sized ? [422] : []), 429, 503, 504),
  );
}

/** A route that answers with a page of pipelines. */
export function AnswersPipelines(): MethodDecorator {
  return applyDecorators(answer(200, PipelineList), ...problems(400, 429, 503, 504));
}

/** A route that deletes a pipeline; 409 `pipeline.running` while it runs. */
export function DeletesPipeline(): MethodDecorator {
  return applyDecorators(
    takesKey(), ApiResponse({ status: 204, description: 'its name is free' }), ...problems(400, 404, 409, 429, 503, 504),
  );
}

/** A route that streams a pipeline's metrics. */
export function StreamsMetrics(): MethodDecorator {
  return applyDecorators(
    ApiHeader({ name: 'Last-Event-ID', required: false, schema: { type: 'string', pattern: '^[0-9]{1,15}$' } }),
    ApiResponse({
      status: 200,
      description: 'an event `metrics` a second while the pipeline runs, each with an id; `reset` before one when some were missed',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    }),
    ...problems(400, 404, 429, 503, 504),
  );
}
