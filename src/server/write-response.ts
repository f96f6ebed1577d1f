import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { rawBodyOf } from './raw-body.ts';

/**
 * Writes a response to a connection. A stream is read as quickly as the client reads, and cancelled when it goes away; one
 * that fails cuts the connection, so that what was sent is not taken for the whole.
 */
export async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(response.headers);
  const raw = rawBodyOf(response);
  if (raw !== undefined || response.body === null) {
    outgoing.writeHead(
      response.status,
      raw === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(raw) },
    );
    outgoing.end(raw);
    return;
  }
  outgoing.writeHead(response.status, headers);
  outgoing.flushHeaders();
  await pump(response.body, outgoing);
}

async function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const onClose = (): void => void reader.cancel().catch(() => undefined);
  outgoing.once('close', onClose);
  try {
    if (outgoing.destroyed) onClose();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (!outgoing.write(read.value) && !outgoing.destroyed)
        await Promise.race([once(outgoing, 'drain'), closed(outgoing)]);
    }
    outgoing.removeListener('close', onClose);
    outgoing.end();
  } catch {
    outgoing.destroy();
  }
}

async function closed(outgoing: ServerResponse): Promise<void> {
  if (!outgoing.destroyed) await once(outgoing, 'close');
}
