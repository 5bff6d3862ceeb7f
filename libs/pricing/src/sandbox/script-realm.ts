import { DefaultIntrinsics, Lifetime, Scope } from 'quickjs-emscripten-core';
import { storableText } from '../text.ts';
import { TEXT_CHARS_MAX, UNREADABLE } from './answers.ts';
import { factoryOf, priceFactoryOf } from './factory.ts';
import { KnownRows } from './known-rows.ts';
import { ANSWER_NUMBERS_MAX, META_CHARS_MAX, NUMBERS_MAX, PRELUDE, ROW_LENGTH } from './prelude.ts';
import { REALM } from './realm.ts';
import { ScriptFault } from './script-fault.ts';
import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core';
import type { AnswerTerms } from '../engine/answer.ts';
import type { Encoded } from './answers.ts';
import type { Engine, Machine } from './machine.ts';
import type { Call, ScriptCode } from './messages.ts';

type Address = QuickJSHandle['value'];

/** The addresses of a realm and of its prelude. They are the same in copies of its memory. */
export interface RealmAddresses {
  readonly context: Parameters<Engine['QTS_FreeContext']>[0];
  readonly describe: Address;
  readonly adopt: Address;
  readonly valuesOf: Address;
}

/** The functions of an adopted script. */
interface Methods {
  readonly price: Address;
  readonly words: Address;
}

/**
 * The data that all calls of a machine share, by their addresses: no realm has more than one call at a time, and no
 * script can reach it. Strings and numbers belong to no realm.
 */
export class CallSpace {
  /** The list of a call's arguments. */
  readonly args: number;
  /** The numbers of answers, and the buffer with them as a value. */
  readonly numbers: Float64Array;
  readonly buffer: Address;
  /** A line's row, and its SKU, quantity, unit price and category. */
  row = '';
  values: readonly Address[] = [];
  netMinor = NaN;
  net = 0 as Address;

  constructor(machine: Machine, context: QuickJSContext) {
    const { engine, memory } = machine;
    const own = addressOf(context);
    // The engine hands out copies of buffers, so a copy serves as allocation.
    const allocate = (bytes: number): ReturnType<Engine['QTS_GetArrayBuffer']> =>
      context.newArrayBuffer(new ArrayBuffer(bytes)).consume(({ value }) => engine.QTS_GetArrayBuffer(own, value));
    this.args = allocate(ARGUMENTS_MAX * 4);
    const numbersAt = allocate(NUMBERS_MAX * 8);
    this.numbers = new Float64Array(memory.buffer, numbersAt, NUMBERS_MAX);
    this.buffer = engine.QTS_NewArrayBuffer(own, numbersAt, NUMBERS_MAX * 8);
  }
}

const INTRINSICS = { ...DefaultIntrinsics, Date: false, Promise: false } as const;
/** The arguments of `price`: a context, two texts, a row and a net. */
const ARGUMENTS_MAX = 3 + ROW_LENGTH + 1;

/** A frozen realm of a machine, for one script. */
export class ScriptRealm {
  readonly addresses: RealmAddresses;
  /** The terms for the answers of its script. */
  terms: Omit<AnswerTerms, 'netMinor'> = { kind: 'line', surcharge: false };
  /** True if its script shares its step: all of a group get the same price. */
  isOneOfGroup = false;
  /** True once it has answered, so its memory may hold remains. */
  isUsed = false;
  readonly machine: Machine;
  readonly space: CallSpace;
  private readonly context: QuickJSContext;
  /** The address of `undefined`. */
  private readonly nothing: Address;
  private methods: Methods | undefined;
  // The data that the script's context knows or has told, and that need not be sent again.
  private rows: KnownRows | undefined;
  private ctx = '';
  private words: readonly string[] = [];
  private wordCount = 0;

  /** A realm of a copied memory. The first one makes the space for calls. */
  constructor(machine: Machine, addresses: RealmAddresses, space?: CallSpace) {
    this.machine = machine;
    this.addresses = addresses;
    this.context = machine.runtime.newContext({ contextPointer: addresses.context });
    this.space = space ?? new CallSpace(machine, this.context);
    this.nothing = this.context.undefined.value;
  }

  /** Makes a realm: evaluates the code before a script, and freezes the rest. */
  static make(machine: Machine): RealmAddresses {
    const context = machine.runtime.newContext({ intrinsics: INTRINSICS });
    const prelude = evaluate(machine, context, PRELUDE, 'prelude.js');
    const [describe, adopt, valuesOf] = ['describe', 'adopt', 'valuesOf'].map((name) => context.getProp(prelude, name).value);
    prelude.dispose();
    evaluate(machine, context, REALM, 'realm.js').dispose();
    return { context: addressOf(context), describe: describe!, adopt: adopt!, valuesOf: valuesOf! };
  }

  /** Throws a `ScriptFault` if the script cannot be evaluated or is not a strategy. */
  load({ code, kind, stack, surcharge, params }: ScriptCode): void {
    this.run(1, (context, scope) => {
      const { text, alone } = priceFactoryOf(code, (expression) => this.isExpression(context, expression));
      const factory = scope.manage(evaluate(this.machine, context, text, 'strategy.js'));
      const isBasket = kind === 'basket' ? context.true : context.false;
      const texts = [params, alone].map((each) => scope.manage(context.newString(each)));
      const args = [factory, isBasket, ...texts].map(({ value }) => value);
      const methods = scope.manage(this.handleOf(this.call(this.addresses.adopt, [...args, this.space.buffer])));
      this.methods = { price: context.getProp(methods, 'price').value, words: context.getProp(methods, 'words').value };
    });
    this.rows = kind === 'basket' ? new KnownRows() : undefined;
    this.terms = { kind, surcharge };
    this.isOneOfGroup = stack === 'best-of';
  }

  /** A script's meta as JSON text; `undefined` as text if it has no JSON. */
  describe(code: string): string {
    return this.run(1, (context, scope) => {
      const factory = scope.manage(evaluate(this.machine, context, factoryOf(code), 'strategy.js'));
      const text = context.getString(scope.manage(this.handleOf(this.call(this.addresses.describe, [factory.value]))));
      if (text.length > META_CHARS_MAX) throw new ScriptFault('memory', 'the meta is too long');
      return text;
    });
  }

  /**
   * Answers a call, unchecked. A fault of a single input is among the answers; others are thrown. Read the numbers
   * before the next call.
   */
  price({ ctx, inputs, netsMinor }: Call): Encoded {
    this.isUsed = true;
    return this.machine.run(netsMinor.length, () => {
      const newCtx = ctx === this.ctx ? undefined : ctx;
      const isRow = this.rows === undefined && netsMinor.length === 1 && isPlainRow(inputs);
      const count = isRow ? this.priceRow(newCtx, inputs, netsMinor[0] as number) : this.priceText(newCtx, inputs, netsMinor);
      this.ctx = ctx;
      const numbers = this.numbersOf(count, netsMinor.length);
      const wordCount = numbers[0] as number;
      if (wordCount !== this.wordCount) {
        this.words = this.newWords();
        this.wordCount = wordCount;
      }
      return { words: this.words, numbers };
    });
  }

  /** Asks about a single line. The scripts that are asked about it in turn share its values. */
  private priceRow(newCtx: string | undefined, inputs: string, netMinor: number): Address {
    const { context, nothing, space } = this;
    if (space.row !== inputs) this.readRow(inputs);
    if (space.netMinor !== netMinor) {
      if (space.net !== 0) this.free(space.net);
      space.net = context.newNumber(netMinor).value;
      space.netMinor = netMinor;
    }
    const ctx = newCtx === undefined ? nothing : context.newString(newCtx).value;
    const count = this.call((this.methods as Methods).price, [ctx, nothing, nothing, ...space.values, space.net]);
    if (ctx !== nothing) this.free(ctx);
    return count;
  }

  private priceText(newCtx: string | undefined, inputs: string, netsMinor: readonly number[]): Address {
    const { context, rows } = this;
    const delta = rows && inputs.includes('\n') ? rows.deltaOf(inputs) : undefined;
    // `[a,b]` at nets 1 and 2 becomes `[1,2,a,b]`: a longer list costs less than another argument.
    const text = `[${netsMinor.join()},${(delta?.text ?? inputs).slice(1)}`;
    return Scope.withScope((scope) => {
      const args = [newCtx === undefined ? context.undefined : scope.manage(context.newString(newCtx)), scope.manage(context.newString(text))];
      if (delta) args.push(scope.manage(context.newArrayBuffer(delta.patches.buffer)));
      return this.call((this.methods as Methods).price, args.map(({ value }) => value));
    });
  }

  private readRow(row: string): void {
    const { space, machine: { engine }, addresses } = this;
    for (const value of space.values) this.free(value);
    const text = this.context.newString(row).value;
    const list = this.call(addresses.valuesOf, [text]);
    space.values = Array.from({ length: ROW_LENGTH }, (_, at) => engine.QTS_GetPropNumber(addresses.context, list, at));
    space.row = row;
    this.free(list);
    this.free(text);
  }

  private numbersOf(given: Address, inputs: number): Float64Array {
    const count = this.machine.engine.QTS_GetFloat64(this.addresses.context, given);
    this.free(given);
    if (count === 0) throw new ScriptFault('contract', 'the answers have too many entries');
    const isLikely = Number.isInteger(count) && count > 0 && count <= Math.min(NUMBERS_MAX, 1 + inputs * ANSWER_NUMBERS_MAX);
    if (!isLikely) throw new ScriptFault('contract', UNREADABLE);
    return this.space.numbers.subarray(0, count);
  }

  private newWords(): readonly string[] {
    const text = this.handleOf(this.call((this.methods as Methods).words, []));
    return wordsOf(text.consume((handle) => this.context.getString(handle)));
  }

  private isExpression(context: QuickJSContext, text: string): boolean {
    // A function that is not called, so no part of the text runs.
    const result = context.evalCode(`(function(){return(0?${text}:0)})`, 'strategy.js', { type: 'global' });
    (result.error ?? result.value).dispose();
    return result.error === undefined;
  }

  private run<T>(count: number, work: (context: QuickJSContext, scope: Scope) => T): T {
    return this.machine.run(count, () => Scope.withScope((scope) => work(this.context, scope)));
  }

  /** Calls a function with values by their addresses. The result has to be freed. */
  private call(method: Address, args: readonly Address[]): Address {
    const { machine: { engine, words }, addresses: { context }, nothing, space } = this;
    const first = space.args / 4;
    for (let at = 0; at < args.length; at += 1) words[first + at] = args[at] as number;
    const result = engine.QTS_Call(context, method, nothing, args.length, space.args as never);
    const error = engine.QTS_ResolveException(context, result);
    if (error !== 0) throw faultOf(this.machine, this.context, this.handleOf(error));
    return result;
  }

  private handleOf(at: Address): QuickJSHandle {
    return new Lifetime(at, undefined, (value) => this.free(value), this.machine.runtime) as QuickJSHandle;
  }

  private free(value: Address): void {
    this.machine.engine.QTS_FreeValuePointer(this.addresses.context, value as never);
  }
}

function evaluate(machine: Machine, context: QuickJSContext, code: string, name: string): QuickJSHandle {
  const result = context.evalCode(code, name, { type: 'global' });
  if (result.error !== undefined) throw faultOf(machine, context, result.error);
  return result.value;
}

function faultOf(machine: Machine, context: QuickJSContext, error: QuickJSHandle): ScriptFault {
  if (machine.isExhausted) return new ScriptFault('ticks');
  const text = textOf(context, error);
  error.dispose();
  return new ScriptFault('threw', storableText(text, TEXT_CHARS_MAX));
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

/** A line without attributes and lots, which would be objects of a realm: `[sku,quantity,unitPrice,category]`. */
function isPlainRow(inputs: string): boolean {
  return !inputs.endsWith(']]');
}

// The package keeps the address to itself.
function addressOf(context: QuickJSContext): RealmAddresses['context'] {
  return (context as unknown as { readonly ctx: { readonly value: RealmAddresses['context'] } }).ctx.value;
}
