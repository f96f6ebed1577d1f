/** What the engine says itself when it has no memory left: code that catches it sees no difference. */
export function outOfMemory(): Error {
  const error = new Error('out of memory');
  error.name = 'InternalError';
  return error;
}

/** Whether it was for lack of memory that the engine threw, or the binding to it. */
export function isOutOfMemory(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  // `<null>` is what the binding makes of a message that there is no memory to read.
  return /out of memory|wasm_malloc|memory access|array buffer allocation|unreachable|^<null>$/iu.test(message);
}
