/** The part of the WebAssembly API that is used here and that Node's types leave out. */
declare namespace WebAssembly {
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;

  interface Memory {
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
  }
}
