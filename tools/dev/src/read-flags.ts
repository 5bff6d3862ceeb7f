import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The flags of a script's command line. An unknown flag ends the process with 2 and a list of the known ones. */
export function readFlags<const T extends NonNullable<ParseArgsConfig['options']>>(
  options: T,
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error((error as Error).message);
    console.error(`the known flags are ${Object.keys(options).map((name) => `--${name}`).join(', ')}`);
    process.exit(2);
  }
}
