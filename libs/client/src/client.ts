import createFetchClient, { type Client } from 'openapi-fetch';
import { retryingFetch, type RetryOptions } from './retrying-fetch.ts';
import type { components, paths } from './schema.ts';

/** Options of a client. */
export interface ClientOptions extends RetryOptions {
  /** The URL of a gateway, such as `http://localhost:3000`. */
  readonly baseUrl: string;
  /** An API key or a JWT, sent as `Authorization: Bearer`. */
  readonly credential?: string;
}

/** The schemas of the API by name, such as `Schemas['Basket']`. */
export type Schemas = components['schemas'];

/** A client of the gateway. Its methods are those of HTTP, and take a path of the OpenAPI document. */
export type AisleClient = Client<paths>;

/** Creates a client, which repeats requests as `retryingFetch` does. */
export function aisleClient({ baseUrl, credential, ...retries }: ClientOptions): AisleClient {
  return createFetchClient<paths>({
    baseUrl,
    fetch: retryingFetch(retries),
    ...(credential === undefined ? {} : { headers: { authorization: `Bearer ${credential}` } }),
  });
}
