/**
 * What a script may use. Beyond any of these it has failed, and nobody else feels it. What it may answer
 * is in the contract: 32 adjustments and 32 hints a line, texts of 500 characters, some 36 kB at most.
 */
export const LIMITS = {
  /** UTF-8 bytes of a script's source. */
  sourceBytes: 64 * 1024,
  /** Characters of one input as JSON; a basket of 1,000 lines has some 136 k. */
  inputChars: 512 * 1024,
  /** Interrupt ticks of one call: QuickJS ticks some 10 to 50 times a millisecond here. */
  ticks: 100,
  /** Wall clock of one step; beyond it the worker is terminated … */
  stepMs: 50,
  /** … and so long for the second try, where nobody waits behind it: a machine may be busy. */
  secondStepMs: 200,
  /** So long a basket waits for that, and for a script that did not end elsewhere; then it goes on without it. */
  suspendedMs: 40,
  /** WebAssembly pages (64 KiB) of one script: 16 MiB, the maximum of its memory. */
  memoryPages: 256,
  /** What QuickJS itself allows the script of them. */
  heapBytes: 12 * 1024 * 1024,
  stackBytes: 256 * 1024,
} as const;
