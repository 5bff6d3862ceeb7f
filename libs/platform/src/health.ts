/** A named question about readiness: resolves with nothing when all is well, or with what is wrong. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

/** Where a process is in its life; only a `serving` one is ready. */
export type Phase = 'starting' | 'serving' | 'stopping';

/** The answer of `GET /health/ready`. */
export interface Readiness {
  readonly ready: boolean;
  readonly phase: Phase;
  /** What is wrong, by the name of its check. */
  readonly problems: Readonly<Record<string, string>>;
}

/** What a process says of itself on its ops port. */
export class Health {
  phase: Phase = 'starting';
  private readonly checks = new Map<string, ReadinessCheck>();

  /** Adds a question that `/health/ready` asks from now on. */
  check(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  async readiness(): Promise<Readiness> {
    const problems: Record<string, string> = {};
    await Promise.all(
      [...this.checks].map(async ([name, check]) => {
        const problem = await Promise.resolve().then(check).catch(messageOf);
        if (problem !== undefined) problems[name] = problem;
      }),
    );
    const ready = this.phase === 'serving' && Object.keys(problems).length === 0;
    return { ready, phase: this.phase, problems };
  }
}

function messageOf(thrown: unknown): string {
  return (thrown as Partial<Error>).message ?? 'the check failed';
}
