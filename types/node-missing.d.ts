/** What Node has and @types/node does not tell. */
interface Buffer {
  /** `toString('latin1', start, end)` without its argument checks. */
  latin1Slice(start?: number, end?: number): string;
  /** Writes UTF-8 and answers how many bytes that took; less than it would where there is no room. */
  utf8Write(text: string, offset?: number, length?: number): number;
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
