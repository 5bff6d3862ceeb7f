import { z } from 'zod';
import { LIMITS, QuoteRequest } from './basket.ts';
import { Identifier } from './identifier.ts';
import { Money } from './money.ts';

const SOURCE_CHARS_MAX = 65_536;
const TESTS_MAX = 100;
const STORABLE = 'expected a text without U+0000 and lone surrogates';
const SAMPLES_MAX = 100;
const RECORDED_MAX = 200;

/** A strategy's, or a version's, own name: it is part of the source. */
export const StrategyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dots and dashes, at most 64')
  .meta({ id: 'StrategyName' });

/** Where a strategy applies; what is absent does not restrict. */
const StrategyScope = z
  .strictObject({
    markets: z.array(z.string()).min(1).optional(),
    skus: z.array(z.string()).min(1).optional(),
    categories: z.array(z.string()).min(1).optional(),
    currencies: z.array(z.string()).min(1).optional()
      .meta({ description: 'required where params hold amounts in minor units: 450 are 4.50 in GBP, and 450 yen in JPY' }),
    from: z.string().optional().meta({ description: 'an instant with its offset, or a day' }),
    until: z.string().optional().meta({ description: 'an instant with its offset, or a day, which still counts' }),
    daysOfWeek: z.array(z.int().min(1).max(7)).min(1).optional().meta({ description: '1 is Monday' }),
  })
  .meta({ id: 'StrategyScope' });

/** A case by which a configured built-in is tried before it may price anything. */
const StrategyTest = z.strictObject({
  name: z.string().min(1),
  input: z.record(z.string(), z.unknown()).meta({ description: 'a line, or a basket, as a strategy is given it' }),
  now: z.string().optional(),
  expect: z.strictObject({ netMinor: z.int(), codes: z.array(z.string()).optional() }),
});

/** The fields of a built-in: what it is called, which one it is, and how it is configured. */
const builtInFields = {
  name: StrategyName,
  version: StrategyName,
  use: z.string().min(1).max(64).meta({ description: 'a built-in, such as bulk-price@1' }),
  params: z.record(z.string(), z.unknown()).meta({ description: "the built-in's parameters" }),
  scope: StrategyScope.optional(),
  priority: z.number().optional(),
  stack: z.enum(['stack', 'exclusive', 'best-of']).optional(),
  group: z.string().min(1).max(64).optional(),
  title: z.string().min(1).max(200).optional(),
  tests: z.array(StrategyTest).max(TESTS_MAX).optional(),
};
const REQUIRED = ['name', 'version', 'use', 'params'] as const;

/** A built-in to configure as a version of a strategy. */
export const ConfigureStrategy = z.strictObject(builtInFields);
export type ConfigureStrategy = z.infer<typeof ConfigureStrategy>;

/** The body of `POST /strategies`: a source, which says its own name and version, or a configured built-in. */
export const LoadStrategy = z
  .strictObject({
    source: z.string().min(1).max(SOURCE_CHARS_MAX).refine(isStorable, STORABLE).optional()
      .meta({ description: 'a module in TypeScript or JavaScript; it comes alone' }),
    ...z.strictObject(builtInFields).partial().shape,
  })
  .superRefine((body, ctx) => {
    const refuse = (field: string, message: string): void => ctx.addIssue({ code: 'custom', path: [field], message });
    const { source, ...builtIn } = body;
    const given = Object.keys(builtIn).filter((field) => builtIn[field as keyof typeof builtIn] !== undefined);
    if (source !== undefined) {
      for (const field of given) refuse(field, 'expected none beside source, which says all of it');
    } else if (given.length === 0) {
      refuse('source', 'expected a source, or a built-in by name, version, use and params');
    } else {
      for (const field of REQUIRED) if (builtIn[field] === undefined) refuse(field, 'required for a built-in');
      if (JSON.stringify(builtIn).length > SOURCE_CHARS_MAX) refuse('params', `at most ${SOURCE_CHARS_MAX} characters in all`);
    }
  })
  .meta({ id: 'LoadStrategy' });
export type LoadStrategy = LoadSource | ConfigureStrategy;

/** A source to take in. */
export interface LoadSource {
  readonly source: string;
}

/** The body of `PUT …/rollout`. */
export const RolloutRequest = z
  .discriminatedUnion('state', [
    z.strictObject({ state: z.literal('active'), version: StrategyName }),
    z.strictObject({ state: z.literal('shadow'), version: StrategyName }),
    z.strictObject({ state: z.literal('canary'), version: StrategyName, percent: z.number().gt(0).max(100) }),
    z.strictObject({ state: z.literal('off') }),
  ])
  .meta({ id: 'RolloutRequest' });
export type RolloutRequest = z.infer<typeof RolloutRequest>;

/** The body of `POST …/simulate`: what the version would change of these baskets, or of the market's last ones. */
export const SimulateRequest = z
  .strictObject({
    market: Identifier,
    baskets: z.array(QuoteRequest).min(1).max(SAMPLES_MAX)
      .refine(
        (baskets) => baskets.reduce((sum, { items }) => sum + items.length, 0) <= LIMITS.linesPerBasket,
        `at most ${LIMITS.linesPerBasket} items in all`,
      )
      .optional(),
    recorded: z.int().min(1).max(RECORDED_MAX).optional()
      .meta({
        description: 'so many sold baskets: the lines of the last checkouts, at their prices and instants; '
          + 'fewer when there are not so many, or they are large. Open and abandoned baskets are no sales',
      }),
  })
  .refine(
    ({ baskets, recorded }) => (baskets === undefined) !== (recorded === undefined),
    { message: 'expected either baskets or recorded', path: ['baskets'] },
  )
  .meta({ id: 'SimulateRequest' });
export type SimulateRequest = z.infer<typeof SimulateRequest>;

const StrategyState = z
  .enum(['draft', 'validated', 'shadow', 'canary', 'active', 'retired', 'unreadable'])
  .meta({ id: 'StrategyState' });
const StrategyKind = z.enum(['line', 'basket']);

/** A version of a strategy. */
export const StrategyVersion = z
  .strictObject({
    name: StrategyName,
    version: StrategyName,
    sha256: z.string().meta({ description: 'of the source, or of the built-in and its configuration' }),
    kind: StrategyKind,
    title: z.string().optional(),
    use: z.string().optional().meta({ description: 'the built-in that it configures; a script has none' }),
    params: z.unknown().optional().meta({ description: "the built-in's parameters" }),
    scope: z.record(z.string(), z.unknown()).meta({ description: 'where it applies; what is absent does not restrict' }),
    state: StrategyState,
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    retired: z.string().optional().meta({ description: 'why it is out of service' }),
    unreadable: z.string().optional().meta({ description: 'why its stored row cannot be read; it is in force nowhere' }),
    outcome: z.enum(['added', 'unchanged']).optional().meta({ description: 'what loading it did' }),
  })
  .meta({ id: 'StrategyVersion' });
export type StrategyVersion = z.infer<typeof StrategyVersion>;

/** A strategy, and which of its versions are in force. */
export const Strategy = z
  .strictObject({
    name: StrategyName,
    kind: StrategyKind,
    revision: z.int().meta({ description: 'grows with every change; the ETag' }),
    active: StrategyName.nullable(),
    shadow: StrategyName.nullable(),
    canary: z.strictObject({ version: StrategyName, percent: z.number() }).nullable(),
    before: z.array(StrategyName).meta({ description: 'what was active before, since it was last off, latest last' }),
    unreadable: z.array(z.strictObject({ version: StrategyName.nullable(), reason: z.string() })).optional()
      .meta({ description: 'versions that cannot be read, and so are not in force; null is the strategy itself. Switch it off, or roll out another' }),
  })
  .meta({ id: 'Strategy' });
export type Strategy = z.infer<typeof Strategy>;

/** Every strategy. No rule acts on a price unless it is listed here. */
export const StrategyList = z
  .strictObject({ revision: z.int(), items: z.array(Strategy) })
  .meta({ id: 'StrategyList' });
export type StrategyList = z.infer<typeof StrategyList>;

/** All versions of a strategy, oldest first. */
export const StrategyVersions = z.strictObject({ items: z.array(StrategyVersion) }).meta({ id: 'StrategyVersions' });
export type StrategyVersions = z.infer<typeof StrategyVersions>;

/** What validating a version found. */
export const StrategyValidation = z
  .strictObject({ passed: z.boolean(), problems: z.array(z.string()) })
  .meta({ id: 'StrategyValidation' });
export type StrategyValidation = z.infer<typeof StrategyValidation>;

/** What a version would change. Differences are its price minus the present one: negative is cheaper. */
export const StrategySimulation = z
  .strictObject({
    baskets: z.int().meta({ description: 'of the request; or sold ones, each checkout once' }),
    changed: z.int(),
    degraded: z.int().meta({ description: 'baskets on which the version failed' }),
    difference: Money,
    histogram: z.array(z.strictObject({ from: Money, to: Money, baskets: z.int() })),
  })
  .meta({ id: 'StrategySimulation' });
export type StrategySimulation = z.infer<typeof StrategySimulation>;

/** What was done to a strategy, latest first. */
export const StrategyAudit = z
  .strictObject({
    items: z.array(z.strictObject({
      at: z.iso.datetime(),
      by: z.string(),
      action: z.enum(['added', 'validated', 'refused', 'rolled-out', 'rolled-back', 'shadowed', 'retired', 'seeded']),
      version: z.string().nullable(),
      details: z.record(z.string(), z.unknown()),
    })),
  })
  .meta({ id: 'StrategyAudit' });
export type StrategyAudit = z.infer<typeof StrategyAudit>;

function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}
