interface WasmGlobal {
  compile(bytes: Uint8Array): Promise<WebAssembly.Module>;
  readonly Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer; grow(pages: number): number };
}

/** What the sandbox needs of WebAssembly, of which Node's types declare next to nothing. */
export const { compile: compileWasm, Memory: WasmMemory } = (
  globalThis as unknown as { WebAssembly: WasmGlobal }
).WebAssembly;
