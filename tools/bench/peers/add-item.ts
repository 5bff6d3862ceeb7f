import { BadRequestException, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';

export const AddItem = z.strictObject({ sku: z.string().min(1).max(128), quantity: z.int().min(1).max(9_999).default(1) });
export type AddItem = z.infer<typeof AddItem>;

/** Validates the body of an add, which the peers made of Nest do first. */
export class AddItemPipe implements PipeTransform<unknown, AddItem> {
  transform(body: unknown): AddItem {
    const { data, error } = AddItem.safeParse(body);
    if (!data) throw new BadRequestException(error.issues);
    return data;
  }
}
