import { failures } from '@aisle/std';
import type { SimulatedProcess } from '../world/simulated-process.ts';
import type { StorageFault, StorageFaults } from './storage-faults.ts';

/** The answer to the caller of each method when its call fails. Methods without an answer reject as `unavailable`. */
export type FaultAnswers<T extends object> = {
  readonly [M in keyof T]?: T[M] extends (...args: never[]) => Promise<infer R>
    ? (fault: StorageFault, reason: string) => R
    : never;
};

const StorageFailure = failures('storage', {
  /** The storage did not take the call, or was not heard of in time. */
  unavailable: ['unavailable', 'the storage is unavailable', (fault: StorageFault) => ({ fault })],
});

/**
 * Wraps a target for one process. Each call of a method has latency before and after its effect, and fails at random as `faults`
 * says. It is answered only while the process runs. The target's effects should take no time of their own. Every function has to
 * return a promise; other properties are passed on unchanged.
 */
export function throughFaults<T extends object>(
  process: SimulatedProcess,
  target: T,
  faults: StorageFaults,
  answers: FaultAnswers<T> = {},
): T {
  const wrapped = new Map<string | symbol, unknown>();
  return new Proxy(target, {
    get(_target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      let through = wrapped.get(name);
      if (!through) {
        through = call(name, value as (...args: unknown[]) => unknown);
        wrapped.set(name, through);
      }
      return through;
    },
    has: (_target, name) => Reflect.has(target, name),
  });

  function call(method: string, run: (...args: unknown[]) => unknown): unknown {
    const answer = (answers as Record<string, ((fault: StorageFault, reason: string) => unknown) | undefined>)[method];
    return (...args: unknown[]) => {
      // Lists are copied when the call is sent: the storage must not see later changes by the caller.
      const sent = args.map((arg): unknown => (Array.isArray(arg) ? [...(arg as unknown[])] : arg));
      return process.ask((resolve, reject) => {
        faults.begin({
          process,
          method,
          effect: () => Reflect.apply(run, target, sent),
          succeed: resolve,
          reject,
          fail: (fault) => {
            if (answer) resolve(answer(fault, 'injected'));
            else reject(StorageFailure.unavailable(fault));
          },
        });
      });
    };
  }
}
