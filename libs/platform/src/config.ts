import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

const WATCHDOG_MIN_MS = 500;

/** The settings of every app. An app's own schema extends it with `.extend({...})`. */
export const BaseConfig = z.object({
  /** The name of the process in logs and metrics. Unique on each node. */
  INSTANCE: z.string().min(1).default('aisle'),
  /**
   * Sent as `x-launch-id` with every answer of the ops port, so that a launcher recognizes its own process on a port that another
   * may have taken.
   */
  LAUNCH_ID: z.string().regex(/^[\w-]+$/).optional(),
  /** The port for health and metrics. 0 takes any free port: only operators connect to it. */
  OPS_PORT: port.default(0),
  /** Loopback unless a container says otherwise. */
  HOST: z.string().default('127.0.0.1'),
  /**
   * Further host names, separated by commas, under which the process's own ports without credentials are used, such as that of a
   * tunnel. Others than loopback and these are refused, as are web pages of other origins.
   */
  HOSTS_ALLOWED: z.string().regex(/^[\w.-]+(,[\w.-]+)*$/, 'must be host names, separated by commas').default('localhost')
    .transform((names) => new Set(names.toLowerCase().split(','))),
  /**
   * The SHA-256, in hexadecimal digits, of the secret of the key that operators use on ops ports and live views, such as the
   * administrator's. Without it, these answer this machine alone, and only if they listen on loopback. Health and metrics need no key.
   */
  OPS_KEY_SHA256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of a secret, in 64 hexadecimal digits').optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** A process ends itself after its event loop has hung for this long; 0 lets it hang. 10 s: no turn of an app takes a tenth of it. */
  WATCHDOG_MS: z.coerce.number().int().max(3_600_000)
    .refine((ms) => ms === 0 || ms >= WATCHDOG_MIN_MS, `must be 0, or at least ${WATCHDOG_MIN_MS}`).default(10_000),
  /** Same on every node: processes meet through this broker. */
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).default('redis://127.0.0.1:6379'),
  /** Same on every node: keeps two systems on one Redis apart. */
  REDIS_KEY_PREFIX: z.string().regex(/^[\w-]+$/).default('aisle'),
  /** Same on every node: the backbone that carries events between apps. */
  EVENTS_BACKBONE: z.enum(['redis', 'kafka']).default('redis'),
  /** `host:port`, several separated by commas. Used only when `EVENTS_BACKBONE` is `kafka`. */
  KAFKA_BROKERS: z.string().regex(/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/, 'must be host:port, or several separated by commas').default('127.0.0.1:9092'),
  /** Same on every node: a prefix of every topic's name, which keeps two systems on one Kafka apart. */
  KAFKA_TOPIC_PREFIX: z.string().regex(/^[\w.-]*$/).default(''),
});

/** The further settings of an app that answers HTTP. */
export const HttpConfig = z.object({
  /** The port for clients. */
  PORT: port,
  /** A stopping app reports that it is not ready and still listens for this long, until load balancers have noticed. 0 without one. */
  DRAIN_MS: z.coerce.number().int().min(0).max(8_000).default(0),
  /** Origins of web pages that may call the API, separated by commas, such as `https://shop.example`. None unless given. */
  CORS_ORIGINS: z.string().default('').transform((text) => text.split(',').filter((origin) => origin !== ''))
    .pipe(z.array(z.string().regex(/^https?:\/\/[^\s/,]+$/, 'must be origins such as https://shop.example, separated by commas'))),
  /**
   * The `max-age` of `Strict-Transport-Security`, which tells browsers to use TLS alone. Set it where clients reach this app by TLS. 0
   * sends no such header.
   */
  HSTS_SECONDS: z.coerce.number().int().min(0).default(0),
});

/** Further settings of the nodes and managers of a shard group; the same on all of them. */
export const LeaseConfig = z.object({
  /**
   * A shorter lease detects a dead node sooner; a longer one tolerates longer pauses. With 1.5 s, a dead node's baskets are back
   * within 2 to 3 s.
   */
  LEASE_MS: z.coerce.number().int().min(300).max(60_000).default(1_500),
  /** Covers the difference between two processes' monotonic clocks over one lease. */
  LEASE_MARGIN_MS: z.coerce.number().int().min(50).max(10_000).default(250),
});

/** Further settings of an app with a journal. */
export const JournalConfig = z.object({
  /**
   * Older entries are pruned once a snapshot contains them. At least 24 hours, because an idempotency key works for that long.
   * Same on every node.
   */
  JOURNAL_RETENTION_MS: z.coerce.number().int().min(24 * 60 * 60_000).default(30 * 24 * 60 * 60_000),
});

/** Further settings of an app with an inbox of events. */
export const InboxConfig = z.object({
  /**
   * The inbox remembers a handled event for this long. A dead letter that is redriven later counts as a new event. At least 24
   * hours. Same on every node.
   */
  INBOX_RETENTION_MS: z.coerce.number().int().min(24 * 60 * 60_000).default(30 * 24 * 60 * 60_000),
});

/** A port number from the environment, 0 to 65,535; 0 takes any free port. */
export const portFromEnvironment = port;

/** Thrown for a bad configuration. Lists every bad name at once, and never a value, because a value may be a secret. */
export class BadConfiguration extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the configuration is not usable:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'BadConfiguration';
  }
}

/**
 * Reads an app's configuration from the environment; an empty variable counts as absent. Throws `BadConfiguration` with every
 * problem.
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
