import { z } from 'zod';
import { Text } from './text.ts';

/** An answer with a document. The actor writes its JSON text once, and no process on the way parses it. */
export const DocumentReply = z.object({
  json: z.string(),
  /** The version of the actor, which becomes the ETag; 0 for lists. */
  version: z.int(),
  /** Whether this command created the resource. */
  created: z.boolean().optional(),
  /** Whether the command was applied earlier, and this is its answer again. */
  replayed: z.boolean().optional(),
});
export type DocumentReply = Readonly<z.infer<typeof DocumentReply>>;

/** A request for a page of a list. */
export const ReadPage = z.object({
  /** The `next` of the previous page; without it, the first page. */
  cursor: Text.optional(),
  limit: z.int().min(1).max(1_000),
});
export type ReadPage = Readonly<z.infer<typeof ReadPage>>;

/** A failure as it is sent between processes. */
export const FailureFactsSchema = z.object({
  kind: z.enum([
    'invalid', 'unauthorized', 'forbidden', 'rejected', 'missing', 'conflict', 'precondition', 'throttled', 'unavailable', 'unknown',
  ]),
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
});

/** Units of a product, such as a line of an order. */
export const StockLine = z.object({ sku: Text, quantity: z.int().min(0) });
export type StockLine = Readonly<z.infer<typeof StockLine>>;
