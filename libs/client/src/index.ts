export { ProblemError, dataOf, itemsOf } from './answers.ts';
export type { ClientAnswer, PagePlace } from './answers.ts';
export { aisleClient } from './client.ts';
export type { AisleClient, ClientOptions, Schemas } from './client.ts';
export { retryingFetch } from './retrying-fetch.ts';
export type { Fetch, RetryOptions } from './retrying-fetch.ts';
