import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { InputFailure } from './input-errors.ts';

/**
 * Validates parameters by their `schema`; throws `InputFailure.invalid`. Nest's own pipe also deletes prototype keys. Strict JSON has
 * refused these already, and V8 keeps an object slow after keys were deleted from it.
 */
export class SchemaPipe implements PipeTransform {
  /** Creates no promise unless the schema does, because Nest calls it for every parameter of every request. */
  transform(value: unknown, { schema }: ArgumentMetadata): unknown {
    if (!schema) return value;
    const result = schema['~standard'].validate(value);
    return result instanceof Promise ? result.then(valueOf) : valueOf(result);
  }
}

function valueOf(result: StandardSchemaV1.Result<unknown>): unknown {
  if (result.issues) throw InputFailure.invalid(result.issues);
  return result.value;
}
