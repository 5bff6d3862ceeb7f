interface WasmGlobal {
  compile(bytes: Uint8Array): Promise<WebAssembly.Module>;
  readonly Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer; grow(pages: number): number };
}

/** The parts of WebAssembly that the sandbox uses. Node's types declare next to nothing of it. */
export const { compile: compileWasm, Memory: WasmMemory } = (
  globalThis as unknown as { WebAssembly: WasmGlobal }
).WebAssembly;
