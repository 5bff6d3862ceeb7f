import type { IncomingHttpHeaders } from 'node:http';
import { RequestFailure } from './refusal.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const SAME_SITE: ReadonlySet<unknown> = new Set([undefined, 'same-origin', 'none']);
const PORT = /:\d{1,5}$/;

/** Whether an address to listen on is one that other machines cannot reach. */
export function isLoopback(host: string): boolean {
  return host === '::1' || LOOPBACK.has(host) || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Refuses requests of other machines and of web pages, for a port that asks for no credentials. A page of any origin that a person has
 * open reaches the loopback address through that person's browser, and so does a foreign name that resolves to it.
 */
export class LocalRequests {
  /** `hosts` are further host names under which the port is used, such as that of a tunnel. */
  constructor(private readonly hosts: ReadonlySet<string> = new Set()) {}

  /** Throws `request.misdirected` (421), `request.cross_site` or `request.forwarded` (403). */
  check(headers: IncomingHttpHeaders): void {
    const host = (headers.host ?? '').toLowerCase();
    const name = host.replace(PORT, '');
    if (!LOOPBACK.has(name) && !this.hosts.has(name)) throw RequestFailure.misdirected();
    requireSameSite(headers);
    for (const header in headers) if (header === 'forwarded' || header.startsWith('x-forwarded-')) throw RequestFailure.forwarded(header);
  }
}

/** Refuses the requests of web pages of other origins. Throws `request.cross_site`. */
export function requireSameSite(headers: IncomingHttpHeaders): void {
  if (!SAME_SITE.has(headers['sec-fetch-site'])) throw RequestFailure.crossSite();
  if (headers.origin !== undefined && !isOriginOf((headers.host ?? '').toLowerCase(), headers.origin)) throw RequestFailure.crossSite();
}

function isOriginOf(host: string, origin: string): boolean {
  const lower = origin.toLowerCase();
  return lower === `http://${host}` || lower === `https://${host}`;
}
