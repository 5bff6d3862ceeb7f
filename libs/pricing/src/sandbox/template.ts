import { assert } from '@aisle/std';
import { Machine } from './machine.ts';
import { MemoryImage } from './memory-image.ts';
import { ScriptRealm } from './script-realm.ts';
import { REALM_ADDRESSES, SHARED_REALMS } from './template-seat.ts';
import type { RealmAddresses } from './script-realm.ts';
import type { TemplateSeat } from './template-seat.ts';

const EMPTY = 0;
const TAKEN = 1;
const READY = 2;
/** A thread that makes a template may be lost meanwhile. The others then make their own. */
const PATIENCE_MS = 5_000;

/**
 * The memory of a machine with frozen realms and no script. Making a realm takes milliseconds of QuickJS, and copying
 * one a tenth of that. A machine that ran scripts is reset to it. All remains of a script are in the memory, so that is
 * as good as opening another one.
 */
export class Template {
  private readonly wasm: WebAssembly.Module;
  private readonly pages: number;
  private readonly image: MemoryImage;
  private readonly address: number;
  private readonly realms: readonly RealmAddresses[];

  private constructor(
    { wasm, pages }: { wasm: WebAssembly.Module; pages: number }, image: MemoryImage, address: number, realms: readonly RealmAddresses[],
  ) {
    this.wasm = wasm;
    this.pages = pages;
    this.image = image;
    this.address = address;
    this.realms = realms;
  }

  static async make(wasm: WebAssembly.Module, pages: number, realmCount: number): Promise<Template> {
    const machine = await Machine.open(wasm, pages);
    const realms = machine.prepare(() => Array.from({ length: realmCount }, () => ScriptRealm.make(machine)));
    return new Template({ wasm, pages }, MemoryImage.of(machine.memory), machine.address, realms);
  }

  /** The template of a seat. The first thread makes it, and the others wait for it. */
  static async at(wasm: WebAssembly.Module, { memory, pages, header }: TemplateSeat): Promise<Template> {
    if (Atomics.compareExchange(header, 0, EMPTY, TAKEN) === EMPTY) {
      const template = await Template.make(wasm, pages, SHARED_REALMS);
      template.image.complete(new Uint8Array(memory));
      const addresses = template.realms.map(({ context, describe, adopt, valuesOf }) => [context, describe, adopt, valuesOf]);
      header.set([template.address, ...addresses.flat()], 1);
      Atomics.store(header, 0, READY);
      Atomics.notify(header, 0);
    } else {
      Atomics.wait(header, 0, TAKEN, PATIENCE_MS);
    }
    if (Atomics.load(header, 0) !== READY) return Template.make(wasm, pages, SHARED_REALMS);
    const realms = Array.from({ length: SHARED_REALMS }, (_, index) => realmAt(header, 2 + index * REALM_ADDRESSES));
    return new Template({ wasm, pages }, MemoryImage.in(new Uint8Array(memory)), header[1] as number, realms);
  }

  /** The realms of another machine. Addresses are the same there, since machines begin alike. */
  async open(): Promise<ScriptRealm[]> {
    const machine = await Machine.open(this.wasm, this.pages);
    assert(machine.address === this.address, 'machines begin alike');
    this.image.complete(machine.memory);
    return this.realmsOf(machine);
  }

  /** The realms of a used machine, without their scripts; undefined if it is not fit for others. */
  wipe(machine: Machine): ScriptRealm[] | undefined {
    // After a trap the machine's own stack may be in any state.
    if (!machine.isFit) return undefined;
    this.image.restore(machine.memory);
    machine.limit(Infinity);
    return this.realmsOf(machine);
  }

  private realmsOf(machine: Machine): ScriptRealm[] {
    let first: ScriptRealm | undefined;
    return this.realms.map((addresses) => {
      const realm = new ScriptRealm(machine, addresses, first?.space);
      first ??= realm;
      return realm;
    });
  }
}

function realmAt(header: Int32Array, at: number): RealmAddresses {
  const [context, describe, adopt, valuesOf] = header.subarray(at, at + REALM_ADDRESSES) as unknown as number[];
  return { context, describe, adopt, valuesOf } as RealmAddresses;
}
