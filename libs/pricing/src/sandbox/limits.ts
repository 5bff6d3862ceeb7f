/**
 * What a script may use. Beyond any of these it has failed, and nobody else feels it. What it may answer
 * is in the contract: `ANSWER_LIMITS`.
 */
export const LIMITS = {
  /** UTF-8 bytes of a script's source. */
  sourceBytes: 64 * 1024,
  /** Wall clock of compiling one; most take a few milliseconds. */
  compileMs: 1_500,
  /** Characters of one input as JSON; a basket of 1,000 lines has some 136 k. */
  inputChars: 512 * 1024,
  /** Interrupt ticks of one call: QuickJS ticks some 10 to 50 times a millisecond here. */
  ticks: 100,
  /** All of a validation: the script's own tests, and a basket of 200 lines. */
  trialTicks: 2_000,
  /** Wall clock of one step; beyond it the worker is terminated … */
  stepMs: 50,
  /** … and so long for the second try, where nobody waits behind it: a machine may be busy. */
  secondStepMs: 200,
  /** So long a basket waits for that, and for a script that did not end elsewhere; then it goes on without it. */
  suspendedMs: 40,
  /** So long a checkout waits, for its lines and again for its basket; a command has 5 s. */
  patientMs: 1_500,
  /** WebAssembly pages (64 KiB) of one script: 16 MiB, the maximum of its memory, for QuickJS and all it holds. */
  memoryPages: 256,
  stackBytes: 256 * 1024,
} as const;
