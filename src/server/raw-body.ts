/** A response whose body is known whole, and so can be written without a stream between. */
const bodies = new WeakMap<Response, string | Uint8Array>();

export function respond(
  body: string | Uint8Array<ArrayBuffer>,
  init: { readonly status?: number; readonly headers: Readonly<Record<string, string>> },
): Response {
  const response = new Response(body, init);
  bodies.set(response, body);
  return response;
}

/** The body of a response that `respond` made. */
export function rawBodyOf(response: Response): string | Uint8Array | undefined {
  return bodies.get(response);
}
