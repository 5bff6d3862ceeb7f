/** Checks one condition of readiness: resolves with undefined, or with a description of the problem. A throw is a problem, too. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

/** The phase of a process's life. Only a `serving` process is ready. */
export type Phase = 'starting' | 'serving' | 'stopping';

/** The answer of `GET /health/ready`. */
export interface Readiness {
  readonly ready: boolean;
  readonly phase: Phase;
  /** Descriptions of the problems, by the name of the check. */
  readonly problems: Readonly<Record<string, string>>;
}

/** The health of a process, as its ops port reports it. */
export class Health {
  phase: Phase = 'starting';
  private readonly checks = new Map<string, ReadinessCheck>();

  /** Adds a check to `/health/ready`; one of the same name is replaced. */
  check(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** Runs all checks at once. */
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
