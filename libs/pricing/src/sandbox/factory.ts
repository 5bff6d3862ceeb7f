// esbuild's frame around a module's own statements: helpers, export getters, and at the end an object of all exports.
// Building that object takes longer than evaluating most scripts.
const FRAME = /^var strategy=\(\(\)=>\{var __defProp=.*?;var (\w+)=\{\};__export\(\1,\{([^{}]*)\}\);([^]*)return __toCommonJS\(\1\);\}\)\(\);\s*$/;
const DEFAULT_EXPORT = /(?:^|,)default:\(\)=>(\w+)(?:,|$)/;
const OTHER_HELPER = /\b__\w/;
// esbuild's name for an anonymous default export: no statement of the script refers to it.
const NAMELESS = /^stdin_default\d*$/;
const CONSTANTS = /^(?:const [\w$]+=(?:-?[\d.]+(?:e[+-]?\d+)?|"[^"\\\n]*"|true|false|null);)*$/;
const META_ENDS_MAX = 8;

/** The texts that evaluate a script for its answers. */
export interface PriceFactory {
  /** The text of a function that evaluates the script and returns its default export. */
  readonly text: string;
  /**
   * The text of the export without its meta, if the module contains nothing else but constant numbers and texts. If the
   * export is a single method, it can keep no state, so one evaluation serves all answers.
   */
  readonly alone: string;
}

/** The text of a function that evaluates a compiled script and returns its default export. */
export function factoryOf(code: string): string {
  const parts = partsOf(code);
  return parts ? functionOf(parts.body, parts.name) : functionOf(code, 'strategy.default');
}

/**
 * The same without the meta, which no answer needs and which takes long to evaluate with all its tests. This works if
 * the export begins with the meta as a property to which nothing else can refer. `isExpression` says whether a text is
 * an expression.
 */
export function priceFactoryOf(code: string, isExpression: (text: string) => boolean): PriceFactory {
  const { name, body } = partsOf(code) ?? { name: '', body: '' };
  const head = `var ${name}={meta:`;
  const at = body.indexOf(head);
  if (!NAMELESS.test(name) || at < 0) return { text: factoryOf(code), alone: '' };
  const begin = at + head.length;
  let end = begin;
  // The comma that ends the property is the first one preceded by an expression.
  for (let attempt = 0; attempt < META_ENDS_MAX; attempt += 1) {
    end = body.indexOf(',price', end + 1);
    if (end < 0) break;
    if (!isExpression(body.slice(begin, end))) continue;
    const [before, rest] = [body.slice(0, at), body.slice(end + 1)];
    const alone = CONSTANTS.test(before) && !rest.includes(name) ? `{${rest.trim().slice(0, -1)}` : '';
    return { text: functionOf(`${before}var ${name}={${rest}`, name), alone };
  }
  return { text: factoryOf(code), alone: '' };
}

function partsOf(code: string): { name: string; body: string } | undefined {
  const [, , exported = '', body = ''] = FRAME.exec(code) ?? [];
  const [, name] = DEFAULT_EXPORT.exec(exported) ?? [];
  return name === undefined || OTHER_HELPER.test(body) ? undefined : { name, body };
}

function functionOf(body: string, exported: string): string {
  return `(function(){"use strict";${body}\nreturn ${exported};\n})`;
}
