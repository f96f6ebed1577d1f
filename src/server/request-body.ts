import type { z } from 'zod';
import { decodeFrame } from '../protocol/remote/frame.ts';
import type { Frame } from '../protocol/remote/frame.ts';
import { FRAMES } from '../protocol/remote/api.ts';
import { invalidRequest, RequestProblem } from './request-problem.ts';

/** @throws {RequestProblem} 413 as soon as it is known to be larger; 400 when it does not come whole. */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const announced = request.headers.get('content-length');
  if (Number(announced ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // No more than was announced can come, and this is the quick way.
    if (announced !== null && !request.headers.has('transfer-encoding')) {
      const bytes = Buffer.from(await request.arrayBuffer());
      if (bytes.byteLength <= maxBytes) return bytes;
      throw tooLarge(maxBytes);
    }
    const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = request.body ?? [];
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RequestProblem) throw error;
    throw invalidRequest(400, 'Cannot take the request: its body did not come whole');
  }
  return Buffer.concat(chunks);
}

/** The media type of a request's body, in lower case and without parameters. */
export function mediaTypeOf(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * A JSON body. Its media type must say so: what a page of another site can have a browser send without asking does not.
 *
 * @throws {RequestProblem} 415, 413, 400, and 422 for what is not as `schema` says.
 */
export async function readJson<Shape extends z.ZodType>(
  request: Request,
  schema: Shape,
  maxBytes: number,
): Promise<z.output<Shape>> {
  const type = mediaTypeOf(request);
  if (type !== 'application/json') throw wrongType(type, 'application/json');
  const body = await readBody(request, maxBytes);
  return check(schema, parse(body.toString('utf8')), 'the body');
}

/** A body of one frame. @throws {RequestProblem} as `readJson` */
export async function readFrame(request: Request, maxBytes: number): Promise<Frame> {
  const body = await readBody(request, maxBytes);
  try {
    return await decodeFrame(body);
  } catch (error) {
    throw invalidRequest(400, error instanceof Error ? error.message : 'Cannot read the frame');
  }
}

export function isFrame(request: Request): boolean {
  return mediaTypeOf(request) === FRAMES;
}

/** @throws {RequestProblem} 422 that names the place */
export function check<Shape extends z.ZodType>(schema: Shape, value: unknown, what: string): z.output<Shape> {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  throw invalidRequest(
    422,
    `Cannot take the request: ${path === '' ? what : `${what} at ${path}`}: ${issue?.message ?? 'not valid'}`,
  );
}

function tooLarge(maxBytes: number): RequestProblem {
  return invalidRequest(413, `Cannot take the request: it is larger than ${maxBytes} bytes`);
}

function wrongType(got: string, expected: string): RequestProblem {
  return invalidRequest(415, `Cannot take the request: its content-type is ${got || 'missing'}; expected ${expected}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest(400, 'Cannot take the request: its body is no JSON');
  }
}
