/** What Node has and @types/node does not tell. */
interface Buffer {
  /** `toString('latin1', start, end)` without its argument checks. */
  latin1Slice(start?: number, end?: number): string;
}

declare namespace WebAssembly {
  class Module {
    constructor(bytes: ArrayBufferView | ArrayBuffer);
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
}
