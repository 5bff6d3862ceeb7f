import { SHARED_REALMS } from './template-seat.ts';
import { Template } from './template.ts';
import type { Machine } from './machine.ts';
import type { ScriptRealm } from './script-realm.ts';
import type { TemplateSeat } from './template-seat.ts';

/** A machine with realms for many scripts. */
interface SharedMachine {
  readonly machine: Machine;
  readonly blanks: ScriptRealm[];
  readonly held: Map<number, ScriptRealm>;
}

/**
 * The machines that many scripts share, with a realm for each. Their engine, atoms and shapes are the same memory, so
 * asking one script after another stays in the processor's caches. Address space grows with the number of scripts.
 */
export class SharedMachines {
  private readonly template: Template;
  private machines: SharedMachine[] = [];

  private constructor(template: Template) {
    this.template = template;
  }

  static async open(wasm: WebAssembly.Module, seat: TemplateSeat): Promise<SharedMachines> {
    return new SharedMachines(await Template.at(wasm, seat));
  }

  get(script: number): ScriptRealm | undefined {
    return this.machines.find(({ held }) => held.has(script))?.held.get(script);
  }

  /** A realm without a script, which is now this script's. */
  async reserve(script: number): Promise<ScriptRealm> {
    let free = this.machines.find(({ blanks }) => blanks.length > 0);
    if (free === undefined) {
      const [first, ...others] = await this.template.open();
      free = { machine: (first as ScriptRealm).machine, blanks: [first as ScriptRealm, ...others], held: new Map() };
      this.machines.push(free);
    }
    const realm = free.blanks.shift() as ScriptRealm;
    free.held.set(script, realm);
    return realm;
  }

  /** A script that is no longer asked. Its realm is never used again. */
  drop(script: number): void {
    for (const { held } of this.machines) held.delete(script);
  }

  /** Drops a machine after a fault. Its other scripts get realms elsewhere. */
  dropMachineOf({ machine: lost }: ScriptRealm): void {
    this.machines = this.machines.filter(({ machine }) => machine !== lost);
  }

  /** Resets machines that are used up and mostly empty, while nobody waits. Their last scripts move. */
  tidy(): void {
    for (const each of this.machines.filter(({ blanks, held }) => blanks.length === 0 && held.size <= SHARED_REALMS / 2)) {
      this.machines = this.machines.filter((other) => other !== each);
      const blanks = this.template.wipe(each.machine);
      if (blanks) this.machines.push({ machine: each.machine, blanks, held: new Map() });
    }
  }
}
