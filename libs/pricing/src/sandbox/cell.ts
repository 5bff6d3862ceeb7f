import {
  DefaultIntrinsics, Scope, newQuickJSWASMModuleFromVariant, newVariant,
} from 'quickjs-emscripten-core';
import quickjs from '@jitl/quickjs-ng-wasmfile-release-sync';
import { LIMITS } from './limits.ts';
import { PRELUDE } from './prelude.ts';
import { ScriptFault } from './script-fault.ts';
import { WasmMemory } from './web-assembly.ts';
import type {
  QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import type { Call, ScriptCode } from './messages.ts';

/** Answers to the inputs of one call, as the prelude encodes them. */
export interface Encoded {
  readonly words: string;
  readonly numbers: Float64Array<ArrayBuffer>;
}

// Its types are those of a CommonJS package, which it is not where it is imported.
const VARIANT = quickjs as unknown as QuickJSSyncVariant;
const INTRINSICS = { ...DefaultIntrinsics, Date: false, Promise: false } as const;

/**
 * A script in a WebAssembly memory of its own, which is its hard cap. After a `ScriptFault` that it
 * throws it is unfit: drop it. It needs no closing, its memory goes with it; QuickJS itself would
 * count what a script that ran out of memory has left behind, and abort.
 */
export class Cell {
  private readonly context: QuickJSContext;
  private readonly adopt: QuickJSHandle;
  private methods: { readonly meta: QuickJSHandle; readonly price: QuickJSHandle } | undefined;
  private ticksLeft = 0;

  private constructor(runtime: QuickJSRuntime) {
    runtime.setMemoryLimit(LIMITS.heapBytes);
    runtime.setMaxStackSize(LIMITS.stackBytes);
    runtime.setInterruptHandler(() => {
      this.ticksLeft -= 1;
      return this.ticksLeft < 0;
    });
    this.ticksLeft = LIMITS.ticks;
    this.context = runtime.newContext({ intrinsics: INTRINSICS });
    this.adopt = this.evaluate(this.context, PRELUDE, 'prelude.js');
  }

  /** A cell without a script: what is slow about it is ours, and no script is to blame. */
  static async open(wasm: WebAssembly.Module): Promise<Cell> {
    const wasmMemory = new WasmMemory({
      initial: LIMITS.memoryPages, maximum: LIMITS.memoryPages,
    });
    const variant = newVariant(VARIANT, { wasmModule: wasm, wasmMemory });
    return new Cell((await newQuickJSWASMModuleFromVariant(variant)).newRuntime());
  }

  /** Throws a `ScriptFault` when the script cannot be evaluated, or is no strategy. */
  load({ code, kind, params }: ScriptCode): void {
    this.run(1, (context, scope) => {
      this.evaluate(context, code, 'strategy.js').dispose();
      const isBasket = kind === 'basket' ? context.true : context.false;
      const text = scope.manage(context.newString(params));
      const methods = scope.manage(this.call(context, this.adopt, [isBasket, text]));
      this.methods = {
        meta: context.getProp(methods, 'meta'), price: context.getProp(methods, 'price'),
      };
    });
  }

  /** The script's meta as JSON text. */
  meta(): string {
    // A meta that JSON has no text for reads `undefined`, which is no JSON either.
    return this.run(1, (context, scope) =>
      context.getString(scope.manage(this.call(context, this.methods?.meta, []))));
  }

  /** Answers a call. A fault that is one input's own is among the answers; others are thrown. */
  price({ ctx, inputs, count }: Call): Encoded {
    return this.run(count, (context, scope) => {
      const args = [ctx, inputs].map((text) => scope.manage(context.newString(text)));
      const answer = scope.manage(this.call(context, this.methods?.price, args));
      const words = scope.manage(context.getProp(answer, 0));
      const numbers = scope.manage(context.getProp(answer, 1));
      const bytes = scope.manage(context.getArrayBuffer(numbers)).value;
      return { words: context.getString(words), numbers: new Float64Array(bytes.slice().buffer) };
    });
  }

  /** A batch has the ticks of one call, and one more for each further input. */
  private run<T>(count: number, work: (context: QuickJSContext, scope: Scope) => T): T {
    this.ticksLeft = LIMITS.ticks + count - 1;
    try {
      return Scope.withScope((scope) => work(this.context, scope));
    } catch (thrown) {
      if (thrown instanceof ScriptFault) throw thrown;
      if (this.ticksLeft < 0) throw new ScriptFault('ticks');
      // QuickJS recurses in the host's stack where its own count does not see it.
      throw new ScriptFault(thrown instanceof RangeError ? 'stack' : 'memory');
    }
  }

  private evaluate(context: QuickJSContext, code: string, name: string): QuickJSHandle {
    return this.unwrap(context, context.evalCode(code, name, { type: 'global' }));
  }

  private call(
    context: QuickJSContext, method: QuickJSHandle | undefined, args: QuickJSHandle[],
  ): QuickJSHandle {
    return this.unwrap(
      context, context.callFunction(method as QuickJSHandle, context.undefined, ...args),
    );
  }

  private unwrap(
    context: QuickJSContext, result: ReturnType<QuickJSContext['evalCode']>,
  ): QuickJSHandle {
    if (result.error === undefined) return result.value;
    const { error } = result;
    if (this.ticksLeft < 0) throw new ScriptFault('ticks');
    const text = textOf(context, error);
    error.dispose();
    throw new ScriptFault(OUT_OF_MEMORY.has(text) ? 'memory' : 'threw', text);
  }
}

// Where there is no memory for an error either, QuickJS throws null.
const OUT_OF_MEMORY: ReadonlySet<string> = new Set(['out of memory', '']);

function textOf(context: QuickJSContext, error: QuickJSHandle): string {
  if (context.typeof(error) !== 'object') return context.getString(error).slice(0, 200);
  try {
    return context.getProp(error, 'message').consume((message) =>
      context.typeof(message) === 'string' ? context.getString(message).slice(0, 200) : 'no message');
  } catch {
    return '';
  }
}
