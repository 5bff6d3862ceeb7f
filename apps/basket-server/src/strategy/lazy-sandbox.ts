import { Sandbox, type SandboxOptions } from '@aisle/pricing/sandbox';

/** A sandbox that starts with the first script: a server without any has no worker threads. */
export class LazySandbox implements Pick<Sandbox, 'read' | 'try' | 'admit'> {
  private started: Promise<Sandbox> | undefined;

  constructor(private readonly options: SandboxOptions) {}

  get(): Promise<Sandbox> {
    this.started ??= Sandbox.start(this.options).catch((error: unknown) => {
      this.started = undefined;
      throw error;
    });
    return this.started;
  }

  async read(source: string): ReturnType<Sandbox['read']> {
    return (await this.get()).read(source);
  }

  async try(...asked: Parameters<Sandbox['try']>): ReturnType<Sandbox['try']> {
    return (await this.get()).try(...asked);
  }

  async admit<T>(work: () => Promise<T>): Promise<T> {
    return (await this.get()).admit(work);
  }

  async close(): Promise<void> {
    await (await this.started?.catch(() => undefined))?.close();
  }
}
