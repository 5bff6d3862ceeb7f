import { z } from 'zod';
import { Json, Text } from './text.ts';

/** The body of every error answer of the gateway (RFC 9457), with a stable code and the trace id for looking it up in the logs. */
export const Problem = z
  .strictObject({
    type: Text,
    title: Text,
    status: z.int(),
    detail: Text,
    instance: Text,
    code: Text,
    traceId: Text,
    errors: z.array(z.strictObject({ path: Text, message: Text })).optional(),
    details: z.record(Text, Json).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;
