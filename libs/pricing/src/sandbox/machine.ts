import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';
import quickjs from '@jitl/quickjs-ng-wasmfile-release-sync';
import { LIMITS } from './limits.ts';
import { ScriptFault } from './script-fault.ts';
import { WasmMemory } from './web-assembly.ts';
import type { QuickJSRuntime, QuickJSSyncVariant, QuickJSWASMModule } from 'quickjs-emscripten-core';

/** The functions of the engine. They take addresses, and cost a fraction of the calls with handles. */
export type Engine = ReturnType<QuickJSWASMModule['getFFI']>;

// Declared as a CommonJS package, which it is not when imported.
const VARIANT = quickjs as unknown as QuickJSSyncVariant;

/**
 * A QuickJS runtime in a WebAssembly memory of fixed size, which is its hard limit. It runs code within a number of
 * interrupt ticks. After a `ScriptFault` of `run` it is unusable: drop it. It needs no closing, since its memory goes
 * with it. QuickJS's own cleanup would count the objects of a script that ran out of memory, and abort.
 */
export class Machine {
  readonly memory: Uint8Array;
  /** The same as 32-bit numbers, such as addresses. */
  readonly words: Uint32Array;
  readonly engine: Engine;
  readonly runtime: QuickJSRuntime;
  /** False after a fault: the machine's own stack may be in any state. */
  isFit = true;
  /**
   * True once an allocation failed. A script that catches the error could find out how much memory earlier answers use.
   */
  private isOut = false;
  private ticksLeft: number = LIMITS.ticks;
  /** The ticks that all further calls have together. */
  private ticksInAll = Infinity;

  private constructor(module: QuickJSWASMModule, memory: Uint8Array) {
    this.memory = memory;
    this.words = new Uint32Array(memory.buffer);
    this.engine = module.getFFI();
    this.runtime = module.newRuntime();
    this.runtime.setMaxStackSize(LIMITS.stackBytes);
    this.runtime.setInterruptHandler(() => {
      this.ticksLeft -= 1;
      return this.ticksLeft < 0;
    });
  }

  static async open(wasm: WebAssembly.Module, pages: number): Promise<Machine> {
    const wasmMemory = new WasmMemory({ initial: pages, maximum: pages });
    const opened: { machine?: Machine } = {};
    // Called by an allocation that finds no room, whether or not its error is caught.
    wasmMemory.grow = () => {
      if (opened.machine) opened.machine.isOut = true;
      throw new RangeError('the memory is full');
    };
    const module = await newQuickJSWASMModuleFromVariant(newVariant(VARIANT, { wasmModule: wasm, wasmMemory }));
    return (opened.machine = new Machine(module, new Uint8Array(wasmMemory.buffer)));
  }

  /** The address of its runtime: the same in all machines, or one's bytes are no use to another. */
  get address(): number {
    // The package keeps it to itself.
    return (this.runtime as unknown as { readonly rt: { readonly value: number } }).rt.value;
  }

  /** True if a script may not use more ticks. */
  get isExhausted(): boolean {
    return this.ticksLeft < 0;
  }

  /** From now on all calls together have at most this many ticks. */
  limit(ticks: number): void {
    this.ticksInAll = ticks;
  }

  /** Work of our own, before any script: as many ticks as it needs. */
  prepare<T>(work: () => T): T {
    this.ticksLeft = Infinity;
    return work();
  }

  /** A batch of `count` inputs has the ticks of one call, and one more for each further input. */
  run<T>(count: number, work: () => T): T {
    const ticks = Math.min(LIMITS.ticks + count - 1, this.ticksInAll);
    this.ticksLeft = ticks;
    try {
      const result = work();
      if (this.isOut) throw new ScriptFault('memory');
      this.ticksInAll -= ticks - this.ticksLeft;
      return result;
    } catch (thrown) {
      this.isFit = false;
      if (this.isOut && this.ticksLeft >= 0) throw new ScriptFault('memory');
      if (thrown instanceof ScriptFault) throw thrown;
      if (this.ticksLeft < 0) throw new ScriptFault('ticks');
      // QuickJS recurses on the host's stack, where its own limit does not apply.
      throw new ScriptFault(thrown instanceof RangeError ? 'stack' : 'memory');
    }
  }
}
