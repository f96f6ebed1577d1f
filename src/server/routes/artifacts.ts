import { z } from 'zod';
import type { ArtifactInfo, ArtifactType } from '../../contracts/artifact-store.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { FRAMES } from '../../protocol/remote/api.ts';
import { encodeFrameHead } from '../../protocol/remote/frame.ts';
import { artifactInfo, artifactList, artifactType } from '../../protocol/remote/shapes.ts';
import { invalidRequest } from '../request-problem.ts';
import { check, isFrame, mediaTypeOf, readBody, readFrame } from '../request-body.ts';
import { json, noContent } from '../route.ts';
import type { Call, Route } from '../route.ts';
import { NOT_FOUND } from './shapes.ts';

const frameBody = z.strictObject({
  type: artifactType,
  description: z.string().exactOptional(),
  metadata: z.record(z.string(), z.unknown()).exactOptional(),
});
const DESCRIPTION_HEADER = 'x-artifact-description';

export const ARTIFACT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/artifacts',
    scope: 'read',
    summary: 'Lists artifacts, without their data.',
    answers: {
      200: { description: 'Artifacts.', types: { 'application/json': artifactList } },
    },
    handle: async ({ server, client }) => json({ artifacts: await (await server.facadeOf(client)).listArtifacts() }),
  },
  {
    method: 'GET',
    path: '/v1/artifacts/{artifact}',
    scope: 'read',
    summary: "An artifact's data, as it is; as a frame, with what is known of it.",
    answers: {
      200: {
        description: 'The data. Its media type tells how it was saved.',
        types: {
          'application/octet-stream': undefined,
          'text/plain': z.string(),
          'application/json': z.unknown(),
          [FRAMES]: undefined,
        },
      },
      404: NOT_FOUND,
    },
    handle: loadArtifact,
  },
  {
    method: 'PUT',
    path: '/v1/artifacts/{artifact}',
    scope: 'write',
    summary: 'Saves an artifact, whole or not at all: JSON, text or bytes, as the media type says.',
    parameters: [
      {
        in: 'header',
        name: DESCRIPTION_HEADER,
        description: 'What it is, percent-encoded.',
        schema: z.string().optional(),
      },
    ],
    body: {
      types: {
        'application/octet-stream': undefined,
        'text/plain': z.string(),
        'application/json': z.unknown(),
        [FRAMES]: undefined,
      },
    },
    answers: {
      201: { description: 'What is known of it.', types: { 'application/json': artifactInfo } },
      413: { description: 'It is too large.' },
      422: { description: 'Its name, or its data, is not valid.' },
    },
    handle: saveArtifact,
  },
  {
    method: 'DELETE',
    path: '/v1/artifacts/{artifact}',
    scope: 'write',
    summary: 'Deletes an artifact.',
    answers: { 204: { description: 'It is gone.' }, 404: NOT_FOUND },
    async handle({ server, client, params }) {
      if (await (await server.facadeOf(client)).deleteArtifact(params['artifact'] ?? '')) return noContent();
      throw new CodeModeError('UNKNOWN_ARTIFACT', 'Cannot delete the artifact: there is none of that name');
    },
  },
];

const MEDIA_TYPES: Readonly<Record<ArtifactType, string>> = {
  bytes: 'application/octet-stream',
  text: 'text/plain; charset=utf-8',
  json: 'application/json',
};

/** An agent may have written it: no browser is to make a page of it. */
const INERT = {
  'content-disposition': 'attachment',
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'no-store',
};

async function loadArtifact({ request, server, client, params }: Call): Promise<Response> {
  const store = await server.artifactsOf(client);
  const { stream, info: record } = await store.stream(params['artifact'] ?? '');
  if (!(request.headers.get('accept') ?? '').includes(FRAMES))
    return new Response(stream, {
      headers: { ...INERT, 'content-type': MEDIA_TYPES[record.type], 'content-length': String(record.sizeBytes) },
    });
  const head = encodeFrameHead(record, record.sizeBytes);
  return new Response(withHead(head, stream), {
    headers: { 'content-type': FRAMES, 'content-length': String(head.byteLength + record.sizeBytes) },
  });
}

function withHead(head: Uint8Array, stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const both = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    yield* stream;
  };
  return ReadableStream.from(both());
}

async function saveArtifact(call: Call): Promise<Response> {
  const { server, client, params } = call;
  const { data, ...options } = await readArtifact(call);
  const saved: ArtifactInfo = await (
    await server.facadeOf(client)
  ).saveArtifact(params['artifact'] ?? '', data, options);
  return json(saved, 201);
}

interface SentArtifact {
  readonly data: unknown;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

async function readArtifact({ request, server }: Call): Promise<SentArtifact> {
  const { maxArtifactBytes } = server.settings;
  if (isFrame(request)) {
    const { body, parts } = await readFrame(request, maxArtifactBytes);
    const { type, ...options } = check(frameBody, body, 'the frame');
    const [bytes] = parts;
    if (parts.length !== 1 || !(bytes instanceof ArrayBuffer))
      throw invalidRequest(422, 'Cannot take the artifact: the frame has not one part of bytes');
    return { ...options, data: dataOf(type, new Uint8Array(bytes)) };
  }
  const bytes = await readBody(request, maxArtifactBytes);
  const description = decodeHeader(request.headers.get(DESCRIPTION_HEADER));
  return { data: dataOf(typeOf(mediaTypeOf(request)), bytes), ...(description === undefined ? {} : { description }) };
}

function typeOf(mediaType: string): ArtifactType {
  if (mediaType === 'application/json') return 'json';
  return mediaType.startsWith('text/') ? 'text' : 'bytes';
}

function dataOf(type: ArtifactType, bytes: Uint8Array): unknown {
  if (type === 'bytes') return bytes;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return type === 'text' ? text : JSON.parse(text);
  } catch {
    throw new CodeModeError(
      'INVALID_DATA',
      `Cannot save the artifact: its data is no ${type === 'text' ? 'UTF-8' : 'JSON'}`,
    );
  }
}

function decodeHeader(value: string | null): string | undefined {
  try {
    return value === null ? undefined : decodeURIComponent(value);
  } catch {
    throw invalidRequest(422, `Cannot take the artifact: ${DESCRIPTION_HEADER} is not percent-encoded`);
  }
}
