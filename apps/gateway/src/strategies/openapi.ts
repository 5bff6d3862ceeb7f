import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import {
  Strategy, StrategyAudit, StrategyList, StrategySimulation, StrategyValidation, StrategyVersion, StrategyVersions,
} from '@aisle/contracts';
import { answer, changesTagged, problems, readsTagged, takesKey } from '../openapi.ts';

/** A route that answers with a strategy as it is. */
export function ReadsStrategy(): MethodDecorator {
  return applyDecorators(readsTagged(), answer(200, Strategy), ...problems(400, 404, 412, 429, 503, 504));
}

/** A route that answers with a strategy after a change; where `If-Match` is required, it says which revision is changed. */
export function ChangesStrategy({ required }: { required: boolean }): MethodDecorator {
  return applyDecorators(
    changesTagged({ required }), answer(200, Strategy), ...problems(400, 404, 412, 422, ...(required ? [428] : []), 429, 503, 504),
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

/** A route that deletes a version; 409 `strategy.version-used` where it is in force, or was. */
export function DeletesVersion(): MethodDecorator {
  return applyDecorators(
    takesKey(), ApiResponse({ status: 204, description: 'it is gone' }), ...problems(400, 404, 409, 412, 429, 503, 504),
  );
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
