import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The flags of a script's command line. One that it does not know ends the process with 2, and says which it takes. */
export function readFlags<const T extends NonNullable<ParseArgsConfig['options']>>(
  options: T,
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error((error as Error).message);
    console.error(`it takes ${Object.keys(options).map((name) => `--${name}`).join(', ')}`);
    process.exit(2);
  }
}
