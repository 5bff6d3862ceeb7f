import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { InvalidInput } from './input-errors.ts';

/**
 * Validates what a parameter's `schema` describes. Nest's own pipe also deletes prototype keys, which
 * strict JSON refuses already, and an object that keys were deleted from is slow ever after.
 */
export class SchemaPipe implements PipeTransform {
  async transform(value: unknown, { schema }: ArgumentMetadata): Promise<unknown> {
    if (!schema) return value;
    const result = await schema['~standard'].validate(value);
    if (result.issues) throw new InvalidInput(result.issues);
    return result.value;
  }
}
