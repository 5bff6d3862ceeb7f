import {
  DefaultIntrinsics, Lifetime, Scope, newQuickJSWASMModuleFromVariant, newVariant,
} from 'quickjs-emscripten-core';
import quickjs from '@jitl/quickjs-ng-wasmfile-release-sync';
import { storableText } from '../text.ts';
import { TEXT_CHARS_MAX, UNREADABLE } from './answers.ts';
import { factoryOf, priceFactoryOf } from './factory.ts';
import { KnownRows } from './known-rows.ts';
import { LIMITS } from './limits.ts';
import { MemoryImage } from './memory-image.ts';
import { ANSWER_NUMBERS_MAX, META_CHARS_MAX, PRELUDE } from './prelude.ts';
import { REALM } from './realm.ts';
import { ScriptFault } from './script-fault.ts';
import { WasmMemory } from './web-assembly.ts';
import type {
  QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import type { AnswerTerms } from '../engine/answer.ts';
import type { Encoded } from './answers.ts';
import type { Call, ScriptCode } from './messages.ts';

/** The known state of a memory. */
interface Room {
  /**
   * True once an allocation failed. A script that catches the error could find out how much memory earlier answers use.
   */
  isOut: boolean;
}

/**
 * An instance without a script, as a template. Its handles are addresses in its memory, and they are valid in copies of
 * it.
 */
interface Blank {
  readonly image: MemoryImage;
  /**
   * The address of the first new object of a context. Two contexts with the same address were made by the same steps.
   */
  readonly birthplace: QuickJSHandle['value'];
  readonly describe: QuickJSHandle['value'];
  readonly adopt: QuickJSHandle['value'];
}

/** The value of the prelude. */
interface Prelude {
  readonly describe: QuickJSHandle;
  readonly adopt: QuickJSHandle;
}

/** The functions of an adopted script. */
interface Methods {
  readonly price: QuickJSHandle;
  readonly words: QuickJSHandle;
}

// Declared as a CommonJS package, which it is not when imported.
const VARIANT = quickjs as unknown as QuickJSSyncVariant;
const INTRINSICS = { ...DefaultIntrinsics, Date: false, Promise: false } as const;

/**
 * A script in a WebAssembly memory of its own, which is its hard limit. After a `ScriptFault` that it throws it is
 * unusable: drop it. It needs no closing, since its memory goes with it. QuickJS's own cleanup would count the objects
 * of a script that ran out of memory, and abort.
 */
export class ScriptInstance {
  /** The memory of every instance of this thread before its script. */
  private static blank: Blank | undefined;
  /** The terms for the answers of its script. */
  terms: Omit<AnswerTerms, 'netMinor'> = { kind: 'line', surcharge: false };
  /** True if its script shares its step: all of a group get the same price. */
  isOneOfGroup = false;
  /** True once it has answered, so its memory may hold remains. */
  isUsed = false;
  private readonly memory: Uint8Array;
  private readonly room: Room;
  private readonly context: QuickJSContext;
  private readonly prelude: Prelude;
  private methods: Methods | undefined;
  private isFit = true;
  private ticksLeft = 0;
  /** The ticks that all further calls have together. */
  private ticksInAll = Infinity;
  // The data that the script's context knows or has told, and that need not be sent again.
  private rows: KnownRows | undefined;
  private ctx = '';
  private words: readonly string[] = [];
  private wordCount = 0;

  private constructor(runtime: QuickJSRuntime, memory: Uint8Array, room: Room) {
    this.memory = memory;
    this.room = room;
    runtime.setMaxStackSize(LIMITS.stackBytes);
    runtime.setInterruptHandler(() => {
      this.ticksLeft -= 1;
      return this.ticksLeft < 0;
    });
    this.ticksLeft = LIMITS.ticks;
    this.context = runtime.newContext({ intrinsics: INTRINSICS });
    this.prelude = this.begin(runtime);
  }

  /** Evaluates the code before a script, or copies its result from a context that was made by the same steps. */
  private begin(runtime: QuickJSRuntime): Prelude {
    const { context, memory } = this;
    const birthplace = context.newObject().consume(({ value }) => value);
    const { blank } = ScriptInstance;
    if (blank?.birthplace === birthplace) {
      blank.image.complete(memory);
      const handleAt = (at: QuickJSHandle['value']): QuickJSHandle => new Lifetime(at, undefined, undefined, runtime) as QuickJSHandle;
      return { describe: handleAt(blank.describe), adopt: handleAt(blank.adopt) };
    }
    const prelude = this.evaluate(context, PRELUDE, 'prelude.js');
    const describe = context.getProp(prelude, 'describe');
    const adopt = context.getProp(prelude, 'adopt');
    prelude.dispose();
    this.evaluate(context, REALM, 'realm.js').dispose();
    ScriptInstance.blank ??= { image: new MemoryImage(memory), birthplace, describe: describe.value, adopt: adopt.value };
    return { describe, adopt };
  }

  /** An instance without a script. Its slow part is our own work, so no script is blamed for it. */
  static async open(wasm: WebAssembly.Module): Promise<ScriptInstance> {
    const wasmMemory = new WasmMemory({
      initial: LIMITS.memoryPages, maximum: LIMITS.memoryPages,
    });
    const room: Room = { isOut: false };
    // Called by an allocation that finds no room, whether or not its error is caught.
    wasmMemory.grow = () => {
      room.isOut = true;
      throw new RangeError('the memory is full');
    };
    const variant = newVariant(VARIANT, { wasmModule: wasm, wasmMemory });
    const runtime = (await newQuickJSWASMModuleFromVariant(variant)).newRuntime();
    return new ScriptInstance(runtime, new Uint8Array(wasmMemory.buffer), room);
  }

  /**
   * Makes it an instance without a script again, and returns whether it could. All remains of a script are in the
   * memory, so resetting that is as good as opening an instance, at a tenth of the cost.
   */
  wipe(): boolean {
    // After a trap the machine's own stack may be in any state.
    const { blank } = ScriptInstance;
    if (!this.isFit || blank?.adopt !== this.prelude.adopt.value || blank.describe !== this.prelude.describe.value) return false;
    blank.image.restore(this.memory);
    this.methods = undefined;
    this.rows = undefined;
    this.ctx = '';
    this.words = [];
    this.wordCount = 0;
    this.ticksInAll = Infinity;
    this.isUsed = false;
    return true;
  }

  /** From now on all calls together have at most this many ticks. */
  limit(ticks: number): void {
    this.ticksInAll = ticks;
  }

  /** Throws a `ScriptFault` if the script cannot be evaluated or is not a strategy. */
  load({ code, kind, stack, surcharge, params }: ScriptCode): void {
    this.run(1, (context, scope) => {
      const { text, alone } = priceFactoryOf(code, (expression) => this.isExpression(context, expression));
      const factory = scope.manage(this.evaluate(context, text, 'strategy.js'));
      const isBasket = kind === 'basket' ? context.true : context.false;
      const texts = [params, alone].map((each) => scope.manage(context.newString(each)));
      const methods = scope.manage(this.call(context, this.prelude.adopt, [factory, isBasket, ...texts]));
      this.methods = { price: context.getProp(methods, 'price'), words: context.getProp(methods, 'words') };
    });
    this.rows = kind === 'basket' ? new KnownRows() : undefined;
    this.terms = { kind, surcharge };
    this.isOneOfGroup = stack === 'best-of';
  }

  /** A script's meta as JSON text; `undefined` as text if it has no JSON. */
  describe(code: string): string {
    return this.run(1, (context, scope) => {
      const factory = scope.manage(this.evaluate(context, factoryOf(code), 'strategy.js'));
      const text = context.getString(scope.manage(this.call(context, this.prelude.describe, [factory])));
      if (text.length > META_CHARS_MAX) throw new ScriptFault('memory', 'the meta is too long');
      return text;
    });
  }

  /** Answers a call, unchecked. A fault of a single input is among the answers; others are thrown. */
  price({ ctx, inputs, netsMinor }: Call): Encoded {
    this.isUsed = true;
    return this.run(netsMinor.length, (context, scope) => {
      const isKnown = ctx === this.ctx;
      const newCtx = isKnown ? context.undefined : scope.manage(context.newString(ctx));
      const delta = this.rows && inputs.includes('\n') ? this.rows.deltaOf(inputs) : undefined;
      // `[a,b]` at nets 1 and 2 becomes `[1,2,a,b]`: a longer list costs less than another argument.
      const text = `[${netsMinor.join()},${(delta?.text ?? inputs).slice(1)}`;
      const args = [newCtx, scope.manage(context.newString(text))];
      if (delta) args.push(scope.manage(context.newArrayBuffer(delta.patches.buffer)));
      const answer = scope.manage(this.call(context, this.methods?.price, args));
      this.ctx = ctx;
      const numbers = this.numbersOf(context, scope, answer, netsMinor.length);
      const wordCount = numbers[0] as number;
      if (wordCount !== this.wordCount) {
        this.words = wordsOf(context.getString(scope.manage(this.call(context, this.methods?.words, []))));
        this.wordCount = wordCount;
      }
      return { words: this.words, numbers };
    });
  }

  private numbersOf(context: QuickJSContext, scope: Scope, answer: QuickJSHandle, count: number): Float64Array {
    const bytes = scope.manage(context.getArrayBuffer(answer)).value;
    const isLikely = bytes.length >= 8 && bytes.length % 8 === 0 && bytes.length <= 8 * (1 + count * ANSWER_NUMBERS_MAX);
    if (!isLikely) throw new ScriptFault('contract', UNREADABLE);
    return new Float64Array(bytes.slice().buffer);
  }

  private isExpression(context: QuickJSContext, text: string): boolean {
    // A function that is not called, so no part of the text runs.
    const result = context.evalCode(`(function(){return(0?${text}:0)})`, 'strategy.js', { type: 'global' });
    (result.error ?? result.value).dispose();
    return result.error === undefined;
  }

  /** A batch has the ticks of one call, and one more for each further input. */
  private run<T>(count: number, work: (context: QuickJSContext, scope: Scope) => T): T {
    const ticks = Math.min(LIMITS.ticks + count - 1, this.ticksInAll);
    this.ticksLeft = ticks;
    try {
      const result = Scope.withScope((scope) => work(this.context, scope));
      if (this.room.isOut) throw new ScriptFault('memory');
      this.ticksInAll -= ticks - this.ticksLeft;
      return result;
    } catch (thrown) {
      this.isFit = false;
      if (this.room.isOut && this.ticksLeft >= 0) throw new ScriptFault('memory');
      if (thrown instanceof ScriptFault) throw thrown;
      if (this.ticksLeft < 0) throw new ScriptFault('ticks');
      // QuickJS recurses on the host's stack, where its own limit does not apply.
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
    throw new ScriptFault('threw', storableText(text, TEXT_CHARS_MAX));
  }
}

// The engine's error, or the prelude's. A script's own error does not get here.
function textOf(context: QuickJSContext, error: QuickJSHandle): string {
  if (context.typeof(error) !== 'object') return context.getString(error);
  try {
    return context.getProp(error, 'message').consume((message) =>
      context.typeof(message) === 'string' ? context.getString(message) : 'no message');
  } catch {
    return '';
  }
}

function wordsOf(text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words)) return words as string[];
  } catch {
    // Handled below.
  }
  throw new ScriptFault('contract', UNREADABLE);
}
