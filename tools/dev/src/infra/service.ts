import { spawn, type SpawnOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity, type StopStep } from '../process/identity.ts';
import { freePort } from '../process/ports.ts';
import { openLog } from '../logs/log-file.ts';
import type { ServiceName } from './state.ts';

/** A server that answers. */
export interface Running {
  readonly url: string;
  readonly port: number;
  readonly source: string;
  readonly process: ProcessIdentity;
}

/** The keeper's input to the start of a service. */
export interface StartContext {
  readonly dataDir: string;
  /** The port of the last run. */
  readonly port: number | undefined;
  /** Reports the reason of a long start. */
  note(note: string): void;
  /** Called at once with every server process, so that a later keeper finds it in any case. */
  spawned(process: ProcessIdentity): void;
}

/** A server of the keeper. */
export interface Service {
  readonly name: ServiceName;
  readonly stopSteps: readonly StopStep[];
  start(context: StartContext): Promise<Running>;
  /** Resolves when the server at the URL answers. Rejects with the reason if it does not. */
  probe(url: string): Promise<void>;
}

const PORTS_TRIED_MAX = 3;
/** A start of this length is reported, and again after twice as long. */
const PATIENT_MS = 20_000;

/** Starts on the port of the last run or on any free one, and on another if it was taken in the meantime. */
export async function onFreePort(
  context: StartContext,
  startOn: (port: number) => Promise<Running>,
): Promise<Running> {
  for (let tried = 1; ; tried++) {
    const port = await freePort(tried === 1 ? context.port : undefined);
    try {
      return await startOn(port);
    } catch (error) {
      const taken = /address already in use|port is already allocated/i.test((error as Error).message);
      if (!taken || tried === PORTS_TRIED_MAX) throw error;
    }
  }
}

/** Starts a server with its output in its log, and waits until it answers or ends, without a time limit. */
export async function launch(
  service: Service,
  context: StartContext,
  command: { path: string; args: string[]; options?: SpawnOptions },
  answers: () => Promise<void>,
): Promise<ProcessIdentity> {
  const log = openLog(context.dataDir, service.name);
  const ended = () => new Error(`${service.name} ended at once:\n${log.tail()}`);
  const child = spawn(command.path, command.args, {
    ...command.options,
    stdio: ['ignore', log.descriptor, log.descriptor],
    // Its own group, because a signal to the keeper's group must not reach it before its turn.
    detached: true,
  });
  log.close();
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const server = child.pid === undefined ? undefined : identify(child.pid);
  if (server === undefined) throw ended();
  context.spawned(server);

  const sinceMs = Date.now();
  let tellAtMs = PATIENT_MS;
  for (;;) {
    const failure = await answers().then(() => undefined, (error: unknown) => error);
    if (!isAlive(server)) throw ended();
    if (failure === undefined) return server;
    const tookMs = Date.now() - sinceMs;
    if (tookMs >= tellAtMs) {
      context.note(`${service.name} does not answer after ${Math.round(tookMs / 1000)} s: ${(failure as Error).message}`);
      tellAtMs = 2 * tookMs;
    }
    await sleep(25);
  }
}
