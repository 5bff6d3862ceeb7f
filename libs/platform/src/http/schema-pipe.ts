import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { InputFailure } from './input-errors.ts';

/**
 * Validates what a parameter's `schema` describes. Nest's own pipe also deletes prototype keys, which
 * strict JSON refuses already, and an object that keys were deleted from is slow ever after.
 */
export class SchemaPipe implements PipeTransform {
  /** Makes no promise where the schema makes none: Nest runs every parameter of every request through it. */
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
