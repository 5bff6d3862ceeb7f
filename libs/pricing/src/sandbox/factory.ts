// esbuild's frame around a module's own statements: helpers, the getters of its exports, and in the end all of them as
// one object. To build that object takes longer than to evaluate most scripts.
const FRAME = /^var strategy=\(\(\)=>\{var __defProp=.*?;var (\w+)=\{\};__export\(\1,\{([^{}]*)\}\);([^]*)return __toCommonJS\(\1\);\}\)\(\);\s*$/;
const DEFAULT_EXPORT = /(?:^|,)default:\(\)=>(\w+)(?:,|$)/;
const OTHER_HELPER = /\b__\w/;
// What esbuild calls a default export without a name of its own: no statement of the script refers to it.
const NAMELESS = /^stdin_default\d*$/;
const CONSTANTS = /^(?:const [\w$]+=(?:-?[\d.]+(?:e[+-]?\d+)?|"[^"\\\n]*"|true|false|null);)*$/;
const META_ENDS_MAX = 8;

/** How the answers of a script are come by. */
export interface PriceFactory {
  /** A function's text that evaluates the script and returns its default export. */
  readonly text: string;
  /**
   * The text of the export without its meta, where nothing else is in the module but numbers and texts that cannot
   * change: if it is one method and no more, nothing can be kept, and one evaluation does for all answers.
   */
  readonly alone: string;
}

/** A function's text that evaluates a compiled script and returns its default export. */
export function factoryOf(code: string): string {
  const parts = partsOf(code);
  return parts ? functionOf(parts.body, parts.name) : functionOf(code, 'strategy.default');
}

/**
 * The same without the meta, which no answer needs and which takes long to evaluate with all its tests: where the
 * export begins with it, as a property that nothing else can refer to. `isExpression` says whether a text is one.
 */
export function priceFactoryOf(code: string, isExpression: (text: string) => boolean): PriceFactory {
  const { name, body } = partsOf(code) ?? { name: '', body: '' };
  const head = `var ${name}={meta:`;
  const at = body.indexOf(head);
  if (!NAMELESS.test(name) || at < 0) return { text: factoryOf(code), alone: '' };
  const begin = at + head.length;
  let end = begin;
  // The comma that ends the property is the first one before which there is an expression.
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
