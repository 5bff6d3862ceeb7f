import {
  DefaultIntrinsics, Scope, newQuickJSWASMModuleFromVariant, newVariant,
} from 'quickjs-emscripten-core';
import quickjs from '@jitl/quickjs-ng-wasmfile-release-sync';
import { KnownRows } from './known-rows.ts';
import { LIMITS } from './limits.ts';
import { MemoryImage } from './memory-image.ts';
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
  /** First how many words there have been so far, then the answers. */
  readonly numbers: Float64Array<ArrayBuffer>;
}

interface Methods {
  readonly meta: QuickJSHandle;
  readonly price: QuickJSHandle;
  readonly words: QuickJSHandle;
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
  /** What the memory of every cell of this thread holds once its prelude has run. */
  private static blank: { readonly image: MemoryImage; readonly adopt: number } | undefined;
  /** Whether its script shares its step: all of a group see the same price. */
  isOneOfGroup = false;
  private readonly memory: Uint8Array;
  private readonly context: QuickJSContext;
  private readonly adopt: QuickJSHandle;
  private methods: Methods | undefined;
  private isFit = true;
  private ticksLeft = 0;
  // What the script's context has been told, and has said, and need not be told or say again.
  private rows: KnownRows | undefined;
  private ctx = '';
  private words = '[]';
  private wordCount = 0;

  private constructor(runtime: QuickJSRuntime, memory: Uint8Array) {
    this.memory = memory;
    runtime.setMemoryLimit(LIMITS.heapBytes);
    runtime.setMaxStackSize(LIMITS.stackBytes);
    runtime.setInterruptHandler(() => {
      this.ticksLeft -= 1;
      return this.ticksLeft < 0;
    });
    this.ticksLeft = LIMITS.ticks;
    this.context = runtime.newContext({ intrinsics: INTRINSICS });
    this.adopt = this.evaluate(this.context, PRELUDE, 'prelude.js');
    Cell.blank ??= { image: new MemoryImage(memory), adopt: this.adopt.value };
  }

  /** A cell without a script: what is slow about it is ours, and no script is to blame. */
  static async open(wasm: WebAssembly.Module): Promise<Cell> {
    const wasmMemory = new WasmMemory({
      initial: LIMITS.memoryPages, maximum: LIMITS.memoryPages,
    });
    const variant = newVariant(VARIANT, { wasmModule: wasm, wasmMemory });
    const runtime = (await newQuickJSWASMModuleFromVariant(variant)).newRuntime();
    return new Cell(runtime, new Uint8Array(wasmMemory.buffer));
  }

  /**
   * Makes it a cell without a script again, and tells whether it could: all that a script can have
   * left is in the memory, so setting that back costs a tenth of opening a cell and is as good.
   */
  wipe(): boolean {
    // What has trapped may have left the machine's own stack where it was.
    if (!this.isFit || Cell.blank?.adopt !== this.adopt.value) return false;
    Cell.blank.image.restore(this.memory);
    this.methods = undefined;
    this.rows = undefined;
    this.ctx = '';
    this.words = '[]';
    this.wordCount = 0;
    return true;
  }

  /** Throws a `ScriptFault` when the script cannot be evaluated, or is no strategy. */
  load({ code, kind, stack, params }: ScriptCode): void {
    this.run(1, (context, scope) => {
      this.evaluate(context, code, 'strategy.js').dispose();
      const isBasket = kind === 'basket' ? context.true : context.false;
      const text = scope.manage(context.newString(params));
      const methods = scope.manage(this.call(context, this.adopt, [isBasket, text]));
      this.methods = {
        meta: context.getProp(methods, 'meta'),
        price: context.getProp(methods, 'price'),
        words: context.getProp(methods, 'words'),
      };
    });
    this.rows = kind === 'basket' ? new KnownRows() : undefined;
    this.isOneOfGroup = stack === 'best-of';
  }

  /** The script's meta as JSON text. */
  meta(): string {
    // A meta that JSON has no text for reads `undefined`, which is no JSON either.
    return this.run(1, (context, scope) =>
      context.getString(scope.manage(this.call(context, this.methods?.meta, []))));
  }

  /** Answers a call. A fault that is one input's own is among the answers; others are thrown. */
  price({ ctx, inputs, netsMinor }: Call): Encoded {
    return this.run(netsMinor.length, (context, scope) => {
      const isKnown = ctx === this.ctx;
      const newCtx = isKnown ? context.undefined : scope.manage(context.newString(ctx));
      const told = this.rows && inputs.includes('\n') ? this.rows.tell(inputs) : undefined;
      // `[a,b]` at nets 1 and 2 is `[1,2,a,b]`: a list costs less than another argument.
      const text = `[${netsMinor.join()},${(told?.text ?? inputs).slice(1)}`;
      const args = [newCtx, scope.manage(context.newString(text))];
      if (told) args.push(scope.manage(context.newArrayBuffer(told.patches.buffer)));
      const answer = scope.manage(this.call(context, this.methods?.price, args));
      this.ctx = ctx;
      const bytes = scope.manage(context.getArrayBuffer(answer)).value;
      const numbers = new Float64Array(bytes.slice().buffer);
      const [wordCount = 0] = numbers;
      if (wordCount !== this.wordCount) {
        this.words = context.getString(scope.manage(this.call(context, this.methods?.words, [])));
        this.wordCount = wordCount;
      }
      return { words: this.words, numbers };
    });
  }

  /** A batch has the ticks of one call, and one more for each further input. */
  private run<T>(count: number, work: (context: QuickJSContext, scope: Scope) => T): T {
    this.ticksLeft = LIMITS.ticks + count - 1;
    try {
      return Scope.withScope((scope) => work(this.context, scope));
    } catch (thrown) {
      this.isFit = false;
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
