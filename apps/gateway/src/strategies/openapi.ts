import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import {
  Strategy, StrategyAudit, StrategyList, StrategySimulation, StrategyValidation, StrategyVersion, StrategyVersions,
} from '@aisle/contracts';
import { answer, problems } from '../openapi.ts';

/** A route that answers with a strategy, after the change if there was one. */
export function AnswersStrategy({ conditional = false } = {}): MethodDecorator {
  const ifMatch = ApiHeader({ name: 'If-Match', required: true, schema: { type: 'string' } });
  return applyDecorators(
    ...(conditional ? [ifMatch] : []),
    answer(200, Strategy),
    ...problems(400, 404, ...(conditional ? [412, 428] : []), 422, 429, 503, 504),
  );
}

/** A route that answers with every strategy. */
export function AnswersStrategies(): MethodDecorator {
  return applyDecorators(answer(200, StrategyList), ...problems(429, 503, 504));
}

/** A route that takes a source, or a configured built-in, in. */
export function AnswersVersion(): MethodDecorator {
  return applyDecorators(answer(200, StrategyVersion), answer(201, StrategyVersion), ...problems(400, 409, 422, 429, 503, 504));
}

/** A route that answers with a strategy's versions. */
export function AnswersVersions(): MethodDecorator {
  return applyDecorators(answer(200, StrategyVersions), ...problems(400, 404, 429, 503, 504));
}

/** A route that answers with what validating found. */
export function AnswersValidation(): MethodDecorator {
  return applyDecorators(answer(200, StrategyValidation), ...problems(400, 404, 422, 429, 503, 504));
}

/** A route that answers with what would change. */
export function AnswersSimulation(): MethodDecorator {
  return applyDecorators(answer(200, StrategySimulation), ...problems(400, 404, 422, 429, 503, 504));
}

/** A route that answers with what was done. */
export function AnswersAudit(): MethodDecorator {
  return applyDecorators(answer(200, StrategyAudit), ...problems(400, 404, 429, 503, 504));
}
