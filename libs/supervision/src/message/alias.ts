import { ProcessFailure } from '../failures.ts';
import type { DeadLetters } from './dead-letters.ts';
import type {
  CallArguments, CallName, CallReply, CastArguments, CastName, InfoMessage, Protocol, SendOptions,
  Unchecked,
} from './protocol.ts';
import type { ExitReason, ExitSignal } from '../exit-reason.ts';
import type { Address, Ref } from './ref.ts';

/** An address that is looked up for every message, such as `via` of `@aisle/registry`. */
export abstract class Alias<P extends Protocol = Unchecked> implements Address<P> {
  /** The dead letters of its system, for messages to a name without a process. */
  protected abstract readonly deadLetters: DeadLetters;
  abstract whereis(): Ref<P> | undefined;
  abstract toString(): string;

  call<K extends CallName<P>>(name: K, ...args: CallArguments<P, K>): Promise<CallReply<P, K>> {
    const ref = this.whereis();
    return ref ? ref.call(name, ...args) : Promise.reject(ProcessFailure.noproc(this.toString()));
  }

  cast<K extends CastName<P>>(name: K, ...args: CastArguments<P, K>): boolean {
    const ref = this.whereis();
    if (ref) return ref.cast(name, ...args);
    return this.undeliverable('cast', name, args[0]);
  }

  send(message: InfoMessage<P>, options?: SendOptions): boolean {
    const ref = this.whereis();
    if (ref) return ref.send(message, options);
    return this.undeliverable('info', undefined, message);
  }

  room(): Promise<boolean> {
    return this.whereis()?.room() ?? Promise.resolve(false);
  }

  async stop(reason?: ExitReason, timeoutMs?: number | 'infinity'): Promise<void> {
    await this.there().stop(reason, timeoutMs);
  }

  exit(signal: ExitSignal): void {
    this.whereis()?.exit(signal);
  }

  private there(): Ref<P> {
    const ref = this.whereis();
    if (ref === undefined) throw ProcessFailure.noproc(this.toString());
    return ref;
  }

  private undeliverable(kind: 'cast' | 'info', name: string | undefined, payload: unknown): false {
    this.deadLetters.add({ to: this as Address, kind, name, payload, cause: 'noproc' });
    return false;
  }
}
