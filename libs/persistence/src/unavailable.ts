import { DataRefused, dataRefusal } from './data-refused.ts';
import { databaseAddress } from './database-url.ts';
import { DatabaseFailure } from './database-failures.ts';

// SQLSTATE classes: 08 connection, 28 authorization, 3D no such database, 53 out of resources,
// 57P server shutting down or starting, 25006 a standby that is not (yet) a primary; 57014 and 55P03 a time
// limit passed: too busy comes to the same as away.
const AWAY = /^(08|28|3D|53|57P|25006|57014|55P03)/;
const NETWORK = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)/;
const CUT = /Connection terminated|timeout exceeded when trying to connect|Query read timeout|not queryable/;
/** TypeORM gives a connection back that was cut, and refuses what else a transaction wants of it. */
const GIVEN_BACK: ReadonlySet<unknown> = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError']);

/**
 * Why the server is away, if that is what the error of `pg` or TypeORM says: an errno, an SQLSTATE or
 * `connection cut`. Undefined for any other error: a statement the server refused, or a bug.
 */
export function unavailableReason(error: unknown): string | undefined {
  const { code, message, name } = error as { code?: unknown; message?: unknown; name?: unknown };
  if (typeof code === 'string' && (AWAY.test(code) || NETWORK.test(code))) return code;
  if (GIVEN_BACK.has(name) || (typeof message === 'string' && CUT.test(message))) return 'connection cut';
  return undefined;
}

/** The error as `DatabaseFailure.unavailable` where the server is away, as `DataRefused` where it refused the data, else as it was. */
export function namingDatabase(url: string, error: unknown): unknown {
  const reason = unavailableReason(error);
  if (reason !== undefined) return DatabaseFailure.unavailable(databaseAddress(url), reason);
  const refusal = dataRefusal(error);
  return refusal === undefined ? error : new DataRefused(refusal);
}

/** The repository itself, but that what its methods reject with goes through `namingDatabase`. */
export function naming<T extends object>(url: string, repository: T): T {
  return new Proxy(repository, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, args);
        return result instanceof Promise
          ? result.catch((error: unknown) => { throw namingDatabase(url, error); })
          : result;
      };
    },
  });
}
