import { failures } from '@aisle/std';

/** Failures of requests beyond a limit. */
export const RateFailure = failures('rate', {
  exceeded: [
    'throttled', 'the credential has used up its requests of this time window',
    (retryAfterMs: number) => ({ retryAfterMs }),
  ],
});
