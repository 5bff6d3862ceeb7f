import { Sandbox, type SandboxOptions } from '@aisle/pricing/sandbox';

/** Receives a script version that the sandbox has given up, and its last fault. */
type RetirementListener = NonNullable<SandboxOptions['onRetired']>;

/** A sandbox that starts with the first script: a server without scripts has no worker threads. */
export class LazySandbox implements Pick<Sandbox, 'read' | 'try' | 'admit'> {
  private started: Promise<Sandbox> | undefined;
  private readonly listeners: RetirementListener[] = [];

  constructor(private readonly options: Omit<SandboxOptions, 'onRetired'>) {}

  /** Calls `listener` for each script version that the sandbox gives up. */
  onRetired(listener: RetirementListener): void {
    this.listeners.push(listener);
  }

  /** The sandbox, started if necessary. Rejects when it cannot start; the next call tries again. */
  get(): Promise<Sandbox> {
    this.started ??= Sandbox.start({
      ...this.options,
      onRetired: (...retired) => {
        for (const listener of this.listeners) listener(...retired);
      },
    }).catch((error: unknown) => {
      this.started = undefined;
      throw error;
    });
    return this.started;
  }

  async read(source: string): ReturnType<Sandbox['read']> {
    return (await this.get()).read(source);
  }

  async try(...args: Parameters<Sandbox['try']>): ReturnType<Sandbox['try']> {
    return (await this.get()).try(...args);
  }

  async admit<T>(work: () => Promise<T>): Promise<T> {
    return (await this.get()).admit(work);
  }

  async close(): Promise<void> {
    await (await this.started?.catch(() => undefined))?.close();
  }
}
