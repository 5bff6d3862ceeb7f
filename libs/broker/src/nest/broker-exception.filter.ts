import { Catch } from '@nestjs/common';
import type { RpcExceptionFilter } from '@nestjs/common';
import { throwError } from 'rxjs';
import type { Observable } from 'rxjs';

/**
 * Passes the error of a handler on unchanged. Nest's own filter logs every error and replaces it by "Internal server error", even a
 * `Failure`, so that the transport cannot see it. Every app with a `BrokerServer` needs this filter, by `useGlobalFilters` or as
 * `APP_FILTER`.
 */
@Catch()
export class BrokerExceptionFilter implements RpcExceptionFilter<unknown> {
  catch(thrown: unknown): Observable<never> {
    return throwError(() => thrown);
  }
}
