/** A simulator's command line. */
export interface CommandLine<Options> {
  readonly help: string;
  /** Throws an error that explains a wrong argument. */
  parseOptions(args: readonly string[]): Options | 'help';
}

/** Runs a simulator with its arguments, then exits: with the status of the run, with 0 after the help, or with 2 for a wrong argument. */
export async function runSimulator<Options extends object>({ help, parseOptions }: CommandLine<Options>, run: (options: Options) => Promise<number>): Promise<never> {
  let options: Options | 'help';
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
  if (options !== 'help') process.exit(await run(options));
  console.log(help);
  process.exit(0);
}
