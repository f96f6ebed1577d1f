/** The part of the WebAssembly API that is used here and that Node's types leave out. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;

  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { readonly module: string; readonly name: string }[];
  }

  class Memory {
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    grow(pages: number): number;
  }

  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(
    bytes: Uint8Array<ArrayBuffer>,
    imports: Imports,
  ): Promise<{ readonly instance: { readonly exports: Record<string, unknown> } }>;
}
