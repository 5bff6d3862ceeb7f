import { z } from 'zod';
import { Text } from './text.ts';

/**
 * The answer that is a document: its text as JSON, made once where the thing is, so that no process on the way parses it, and
 * the version of the thing.
 */
export const DocumentReply = z.object({
  json: z.string(),
  /** The ETag; 0 for lists. */
  version: z.int(),
  /** This command made the thing. */
  created: z.boolean().optional(),
  /** The command was applied before, and this is its answer again. */
  replayed: z.boolean().optional(),
});
export type DocumentReply = Readonly<z.infer<typeof DocumentReply>>;

/** Which page of a list. */
export const ReadPage = z.object({
  /** The `next` of the page before. */
  cursor: Text.optional(),
  limit: z.int().min(1).max(1_000),
});
export type ReadPage = Readonly<z.infer<typeof ReadPage>>;

/** A failure as it crosses processes. */
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
