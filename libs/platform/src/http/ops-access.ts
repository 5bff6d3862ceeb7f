import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { BaseConfig } from '../config.ts';
import { LocalRequests, isLoopback, requireSameSite } from './local-requests.ts';
import { RequestFailure } from './refusal.ts';

/** The settings of an `OpsAccess`. */
export interface OpsAccessOptions {
  /** See `HOST`. */
  readonly host: string;
  /** See `HOSTS_ALLOWED`. */
  readonly hosts: ReadonlySet<string>;
  /** See `OPS_KEY_SHA256`. */
  readonly keySha256: string | undefined;
}

/** The access by a process's configuration. */
export function opsAccess({ HOST: host, HOSTS_ALLOWED: hosts, OPS_KEY_SHA256: keySha256 }: z.infer<typeof BaseConfig>): OpsAccess {
  return new OpsAccess({ host, hosts, keySha256 });
}

const BEARER = /^Bearer +aisle_\w+?_([\w-]+)$/i;
/** The credential of a browser, whose password is the key (RFC 7617). */
const BASIC = /^Basic +([\w+/]+=*)$/i;

/**
 * Decides who may use the ports of operators: with a configured key, its holders; without one, programs of this machine, unless the
 * port listens for other machines too.
 */
export class OpsAccess {
  private readonly local: LocalRequests;
  private readonly digest: Buffer | undefined;
  private readonly isLoopback: boolean;

  constructor({ host, hosts, keySha256 }: OpsAccessOptions) {
    this.local = new LocalRequests(hosts);
    this.digest = keySha256 === undefined ? undefined : Buffer.from(keySha256, 'hex');
    this.isLoopback = isLoopback(host);
  }

  /** Throws `request.ops_closed`, `request.ops_key_required`, or the failures of `LocalRequests`. */
  check(headers: IncomingHttpHeaders): void {
    if (this.digest === undefined) {
      if (!this.isLoopback) throw RequestFailure.opsClosed();
      return this.local.check(headers);
    }
    // A browser sends a password that it knows with the requests of any page.
    requireSameSite(headers);
    const secret = secretIn(headers.authorization ?? '');
    if (secret === undefined || !timingSafeEqual(hash('sha256', secret, 'buffer'), this.digest)) throw RequestFailure.opsKeyRequired();
  }
}

/** The secret of a key such as `aisle_admin_<secret>`. */
function secretIn(authorization: string): string | undefined {
  const [, encoded] = BASIC.exec(authorization) ?? [];
  const text = encoded === undefined ? authorization : `Bearer ${Buffer.from(encoded, 'base64').toString().replace(/^[^:]*:/, '')}`;
  return BEARER.exec(text)?.[1];
}
