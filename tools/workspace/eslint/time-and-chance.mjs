// Time, randomness and scheduling come from libs/std, because the simulator must control them.

const message = 'Take a Runtime from @aisle/std by parameter: the simulator owns time.';

const globals = ['setTimeout', 'setInterval', 'setImmediate'];

const random = ['getRandomValues', 'randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID'];

const members = {
  Date: ['now'],
  Math: ['random'],
  AbortSignal: ['timeout'],
  performance: ['now', 'timeOrigin', 'mark', 'measure'],
  process: ['nextTick', 'hrtime', 'uptime'],
  crypto: random,
};

const modules = {
  timers: undefined,
  'timers/promises': undefined,
  perf_hooks: ['performance'],
  process: ['nextTick', 'hrtime', 'uptime'],
  crypto: [...random, 'webcrypto'],
};

/** Entries for `no-restricted-properties`. The configuration joins them with its own, since a rule has one list. */
export const timeMembers = Object.entries(members).flatMap(([object, properties]) =>
  properties.map((property) => ({ object, property, message })),
);

/** The other rules of time and chance. */
export const noTime = {
  'no-restricted-globals': [
    'error', { globals: globals.map((name) => ({ name, message })), checkGlobalObject: true },
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: Object.entries(modules).flatMap(([module, importNames]) =>
        [module, `node:${module}`].map((name) => ({ name, message, ...(importNames && { importNames }) })),
      ),
    },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message },
    { selector: "CallExpression[callee.name='Date']", message },
    {
      selector:
        'MemberExpression[object.name=/^(globalThis|global)$/]' +
        `[property.name=/^(${Object.keys(members).join('|')})$/]`,
      message: 'Name it without the global object, where the other rules see it.',
    },
  ],
};

/** ESLint's defaults again, for libs/std. */
export const time = Object.fromEntries(Object.keys(noTime).map((rule) => [rule, 'off']));
