import type { LoggerService } from '@nestjs/common';
import { errorFields, type Logger } from './telemetry/logger.ts';

/** Writes Nest's log lines to the app's log. Nest's start-up messages become `debug` lines; warnings stay warnings. */
export function nestLogger(logger: Logger): LoggerService {
  const fields = (rest: unknown[]): Record<string, unknown> => ({ context: rest.at(-1) });
  return {
    log: (message: unknown, ...rest) => logger.debug(String(message), fields(rest)),
    debug: (message: unknown, ...rest) => logger.debug(String(message), fields(rest)),
    verbose: (message: unknown, ...rest) => logger.debug(String(message), fields(rest)),
    warn: (message: unknown, ...rest) => logger.warn(String(message), fields(rest)),
    error: (message: unknown, ...rest) =>
      logger.error('nest reported an error', { ...errorFields(message), ...fields(rest) }),
    fatal: (message: unknown, ...rest) =>
      logger.error('nest reported a fatal error', { ...errorFields(message), ...fields(rest) }),
  };
}
