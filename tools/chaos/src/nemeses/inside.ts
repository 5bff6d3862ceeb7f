import type { AppName } from '@aisle/dev/testing';
import { drawNode, wait, type Nemesis } from './nemesis.ts';

/** A watchdog ends a hanging process after 10 s; the rest is for a busy machine. */
const WATCHDOG_WITHIN_MS = 60_000;
const JUMP_MS = 20_000;
const HOLD_MS = 3_000;

/** Faults within one process. */
export const insideNemeses: readonly Nemesis[] = [
  hung('basket-server'), hung('basket-manager'), hung('gateway'),
  clockJump('basket-server', JUMP_MS), clockJump('basket-server', -JUMP_MS),
  clockJump('basket-manager', JUMP_MS), clockJump('gateway', -JUMP_MS),
];

/** The event loop hangs while the process lives, until its watchdog ends it and its supervisor starts another one. */
export function hung(app: AppName): Nemesis {
  return {
    name: `hung event loop of a ${app}`,
    holdMs: 0,
    async start(ground) {
      const { system, violated } = ground;
      const victim = await drawNode(ground, app);
      const { instance } = victim.process;
      system.forgive((line) => line.includes('"message":"event loop hung"') && line.includes(`"instance":"${instance}"`));
      system.pull(victim, 'hang');
      return {
        victims: instance,
        async heal() {
          const end = await Promise.race([victim.process.ended(), wait(WATCHDOG_WITHIN_MS)]);
          if (end !== 'SIGKILL') violated('processes', `${instance} hung, and its watchdog did not end it: ${end ?? 'it lives'}`);
          await system.kill(victim);
          await system.complete();
        },
      };
    },
  };
}

/** The wall clock of one process jumps, and later jumps back. */
export function clockJump(app: AppName, byMs: number): Nemesis {
  return {
    name: `clock jump of a ${app} by ${byMs / 1_000} s, and back`,
    holdMs: HOLD_MS,
    async start(ground) {
      const victim = await drawNode(ground, app);
      ground.system.pull(victim, byMs);
      return { victims: victim.process.instance, heal: async () => ground.system.pull(victim, 0) };
    },
  };
}
