/**
 * The resources of a script. Above any limit it has failed, and no other script is affected. `ANSWER_LIMITS` in the
 * contract bounds its answers.
 */
export const LIMITS = {
  /** UTF-8 bytes of a script's source. */
  sourceBytes: 64 * 1024,
  /** Wall-clock time to compile one; most take a few milliseconds. */
  compileMs: 1_500,
  /** Characters of one input as JSON; a basket of 1,000 lines has about 136,000. */
  inputChars: 512 * 1024,
  /** Interrupt ticks of one call. QuickJS ticks about 10 to 50 times per millisecond here. */
  ticks: 100,
  /** Ticks of a whole validation: the script's own tests, and a basket of 200 lines. */
  trialTicks: 2_000,
  /** Wall-clock time of one step. Above it the worker is terminated. */
  stepMs: 50,
  /** The time of the second attempt, which delays nobody. It is longer, because the machine may be busy. */
  secondStepMs: 200,
  /**
   * The time that a basket waits for that, and for a script that did not end elsewhere. Then it goes on without the
   * script.
   */
  suspendedMs: 40,
  /** The time that a checkout waits for its lines, and again for its basket. A command has 5 s. */
  patientMs: 1_500,
  /** WebAssembly pages (64 KiB) of one script: 16 MiB, the maximum of its memory, for QuickJS and all its data. */
  memoryPages: 256,
  stackBytes: 256 * 1024,
} as const;
