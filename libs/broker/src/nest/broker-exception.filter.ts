import { Catch } from '@nestjs/common';
import type { RpcExceptionFilter } from '@nestjs/common';
import { throwError } from 'rxjs';
import type { Observable } from 'rxjs';

/**
 * Hands on what a handler threw, as it was thrown: Nest's own filter logs every error and answers
 * "Internal server error", a `Failure` too, and a transport can't see past it. Every app with a
 * `BrokerServer` needs this one, by `useGlobalFilters` or as `APP_FILTER`.
 */
@Catch()
export class BrokerExceptionFilter implements RpcExceptionFilter<unknown> {
  catch(thrown: unknown): Observable<never> {
    return throwError(() => thrown);
  }
}
