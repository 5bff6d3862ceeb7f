import { DataRefused, dataRefusal } from './data-refused.ts';
import { databaseAddress } from './database-url.ts';
import { DatabaseFailure } from './database-failures.ts';

// SQLSTATE classes and codes: 08 connection, 28 authorization, 3D no such database, 53 out of resources,
// 57P server shutting down or starting, 25006 a standby that is not (yet) a primary, 57014 and 55P03 a time
// limit passed. A server that is too busy counts as away.
const AWAY = /^(08|28|3D|53|57P|25006|57014|55P03)/;
const NETWORK = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)/;
const CUT = /Connection terminated|timeout exceeded when trying to connect|Query read timeout|not queryable/;
/** TypeORM releases a cut connection, and these errors refuse the rest of its transaction. */
const GIVEN_BACK: ReadonlySet<unknown> = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError']);

/**
 * The reason why the server is away, from an error of `pg` or TypeORM: an errno, an SQLSTATE or `connection cut`. Undefined for any
 * other error, which is a refused statement or a bug.
 */
export function unavailableReason(error: unknown): string | undefined {
  const { code, message, name } = error as { code?: unknown; message?: unknown; name?: unknown };
  if (typeof code === 'string' && (AWAY.test(code) || NETWORK.test(code))) return code;
  if (GIVEN_BACK.has(name) || (typeof message === 'string' && CUT.test(message))) return 'connection cut';
  return undefined;
}

/**
 * Translates an error of `pg` or TypeORM: to `DatabaseFailure.unavailable` if the server is away, to `DataRefused` if it refused the data.
 * Returns any other error unchanged.
 */
export function asDatabaseError(url: string, error: unknown): unknown {
  const reason = unavailableReason(error);
  if (reason !== undefined) return DatabaseFailure.unavailable(databaseAddress(url), reason);
  const refusal = dataRefusal(error);
  return refusal === undefined ? error : new DataRefused(refusal);
}

/** Wraps a repository so that `asDatabaseError` translates the rejections of its methods. */
export function withDatabaseErrors<T extends object>(url: string, repository: T): T {
  return new Proxy(repository, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, args);
        return result instanceof Promise
          ? result.catch((error: unknown) => { throw asDatabaseError(url, error); })
          : result;
      };
    },
  });
}
