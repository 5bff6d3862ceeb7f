import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

const WATCHDOG_MIN_MS = 500;

/** What every app reads; an app's own schema extends it with `.extend({...})`. */
export const BaseConfig = z.object({
  /** The process, as logs, metrics and operators name it. Unique on each node. */
  INSTANCE: z.string().min(1).default('aisle'),
  /** Every answer of the ops port bears it, so that the starter of a process knows it from others on the same port. */
  LAUNCH_ID: z.string().regex(/^[\w-]+$/).optional(),
  /** Health and metrics; 0 takes any free port, since nobody but operators connects to it. */
  OPS_PORT: port.default(0),
  /** Loopback unless a container says otherwise. */
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** A process whose event loop has hung for so long ends itself; 0 lets it hang. 10 s: no work of an app takes a tenth of it. */
  WATCHDOG_MS: z.coerce.number().int().max(3_600_000)
    .refine((ms) => ms === 0 || ms >= WATCHDOG_MIN_MS, `0, or at least ${WATCHDOG_MIN_MS}`).default(10_000),
  /** Same on every node: processes meet through this broker. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).default('redis://127.0.0.1:6379'),
  /** Same on every node: keeps two systems on one Redis apart. */
  REDIS_KEY_PREFIX: z.string().regex(/^[\w-]+$/).default('aisle'),
  /** Same on every node: what carries the events between apps. */
  EVENTS_BACKBONE: z.enum(['redis', 'kafka']).default('redis'),
  /** `host:port`, several with commas between; asked for nothing unless events travel over Kafka. */
  KAFKA_BROKERS: z.string().regex(/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/, 'host:port, or several with commas').default('127.0.0.1:9092'),
  /** Same on every node: keeps two systems on one Kafka apart, before the name of each topic. */
  KAFKA_TOPIC_PREFIX: z.string().regex(/^[\w.-]*$/).default(''),
});

/** The further settings of an app that answers HTTP. */
export const HttpConfig = z.object({
  /** The port for clients. */
  PORT: port,
  /** A stopping app is unready and still listens for so long: as long as load balancers take to see it. 0 behind none. */
  DRAIN_MS: z.coerce.number().int().min(0).max(8_000).default(0),
});

/** What the nodes and managers of a shard group read besides; the same on all of them. */
export const LeaseConfig = z.object({
  /** Shorter finds a dead node sooner, longer forgives more pauses. 1.5 s: its baskets are back within 2 to 3 s. */
  LEASE_MS: z.coerce.number().int().min(300).max(60_000).default(1_500),
  /** Covers the difference between two processes' monotonic clocks over one lease. */
  LEASE_MARGIN_MS: z.coerce.number().int().min(50).max(10_000).default(250),
});

/** What an app with a journal reads besides. */
export const JournalConfig = z.object({
  /** What is older may go, once a snapshot tells it too. 24 hours at least: so long an idempotency key works. Same on every node. */
  JOURNAL_RETENTION_MS: z.coerce.number().int().min(24 * 60 * 60_000).default(30 * 24 * 60 * 60_000),
});

/** Configuration of an app that has an inbox of events. */
export const InboxConfig = z.object({
  /** So long it is known that an event had its effect; a dead letter redriven later is taken for new. 24 hours at least. Same on every node. */
  INBOX_RETENTION_MS: z.coerce.number().int().min(24 * 60 * 60_000).default(30 * 24 * 60 * 60_000),
});

/** A port from the environment; 0 means any free one. */
export const portFromEnvironment = port;

/** A bad configuration: lists every bad name at once, and never a value, which may be a secret. */
export class BadConfiguration extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the configuration is not usable:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'BadConfiguration';
  }
}

/**
 * Reads one app's configuration from the environment, once. Throws `BadConfiguration` with all that
 * is wrong.
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<S> {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new BadConfiguration(
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  );
}
