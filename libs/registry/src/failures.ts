import { Failure, failures } from '@aisle/std';
import type { Ref } from '@aisle/supervision';
import type { NameHolder } from './group/name-storage.ts';

/** Failures of names, in one process and across processes. */
export const RegistryFailure = failures('registry', {
  /** Thrown as `AlreadyRegistered`. */
  alreadyRegistered: ['conflict', 'the key belongs to another process', (key: string, ref: Ref) => ({ key, ref: ref.label })],
  /** The same across processes. Thrown as `NameTaken`. */
  nameTaken: [
    'conflict', 'the key belongs to another process',
    ({ key, incarnation, queue }: NameHolder) => ({ key, incarnation, queue }),
  ],
  /** The registry has not joined its group yet, or has left it. Nothing was done. */
  notJoined: ['unavailable', 'this process has not joined the group of names, or has left it', () => ({ retryAfterMs: 1_000 })],
}, { codes: { nameTaken: 'registry.already_registered', notJoined: 'cluster.not_joined' } });

/** The key belongs to another living process, `ref`. */
export class AlreadyRegistered extends Failure {
  constructor(key: string, readonly ref: Ref) {
    super(RegistryFailure.alreadyRegistered(key, ref));
  }
}

/** The key belongs to another process, here or elsewhere: `holder` says where. */
export class NameTaken extends Failure {
  readonly holder: NameHolder;
  constructor({ key, incarnation, queue, value }: NameHolder) {
    const holder = { key, incarnation, queue, value };
    super(RegistryFailure.nameTaken(holder));
    this.holder = holder;
  }
}
