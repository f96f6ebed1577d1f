import type { ArtifactContent, ArtifactInfo, ArtifactStore } from '../contracts/artifact-store.ts';
import type { LoadedArtifact, SaveArtifactOptions } from '../contracts/facade.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import type { HostCall } from '../protocol/host-call.ts';
import { ARTIFACTS_DECLARATION } from '../skills/declarations.ts';
import { quoted } from '../storage/names.ts';
import { jsonProblem } from './json-problem.ts';
import { unknownMember } from './unknown-member.ts';

/** Of a description and of metadata, as JSON: every record is in the answer of `list()`. */
const MAX_RECORD_BYTES = 65_536;

const MEMBERS = ['save', 'load', 'get', 'list', 'exists', 'delete'];

/** `artifacts` as values: what the store keeps as bytes, callers see as bytes, text or JSON. */
export class ArtifactsNamespace {
  readonly #store: ArtifactStore;

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  get store(): ArtifactStore {
    return this.#store;
  }

  async call({ path, args }: HostCall): Promise<unknown> {
    const member = path.join('.');
    if (member === 'list') return (await this.#store.list()).artifacts;
    if (!MEMBERS.includes(member)) throw unknownMember('artifacts', member, MEMBERS);
    const [name, data, description, metadata] = args;
    if (typeof name !== 'string') throw invalid(member, 'the name', name, 'a string such as report.json');
    if (member === 'save') return this.save(name, data, saveOptions(description, metadata));
    if (member === 'load') return (await this.get(name)).data;
    if (member === 'get') return this.get(name);
    if (member === 'exists') return (await this.#store.info(name)) !== undefined;
    return this.#store.delete(name);
  }

  async save(name: string, data: unknown, options: SaveArtifactOptions = {}): Promise<ArtifactInfo> {
    checkSize('the description', options.description);
    checkSize('the metadata', options.metadata);
    return this.#store.save(name, contentOf(name, data), options);
  }

  async get(name: string): Promise<LoadedArtifact> {
    const { content, info } = await this.#store.load(name);
    return { ...info, data: valueOf(name, content) };
  }

  declarations(): string {
    return ARTIFACTS_DECLARATION;
  }
}

/** How data is kept. @throws {CodeModeError} `INVALID_DATA` */
export function contentOf(name: string, data: unknown): ArtifactContent {
  if (data instanceof Uint8Array) return { type: 'bytes', data };
  if (data instanceof ArrayBuffer) return { type: 'bytes', data: new Uint8Array(data) };
  if (ArrayBuffer.isView(data))
    return { type: 'bytes', data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  if (typeof data === 'string') return { type: 'text', data: Buffer.from(data) };
  const problem = jsonProblem(data, 'data');
  if (problem !== undefined) {
    throw new CodeModeError(
      'INVALID_DATA',
      `Cannot save artifact ${quoted(name)}: ${problem}; expected bytes, a string, or a JSON value`,
    );
  }
  return { type: 'json', data: Buffer.from(JSON.stringify(data)) };
}

/** Data as it was saved. @throws {CodeModeError} `DAMAGED` */
export function valueOf(name: string, { type, data }: ArtifactContent): unknown {
  if (type === 'bytes') return data;
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
  if (type === 'text') return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CodeModeError(
      'DAMAGED',
      `Cannot load artifact ${quoted(name)}: it is recorded as JSON and does not parse`,
      { cause },
    );
  }
}

function saveOptions(description: unknown, metadata: unknown): SaveArtifactOptions {
  if (description !== undefined && typeof description !== 'string')
    throw invalid('save', 'the description', description, 'a string');
  if (metadata === undefined) return description === undefined ? {} : { description };
  const problem = isRecord(metadata) ? jsonProblem(metadata, 'metadata') : 'metadata is no object';
  if (problem !== undefined || !isRecord(metadata))
    throw new CodeModeError(
      'INVALID_ARGUMENTS',
      `Cannot call artifacts.save: ${problem}; expected a plain object of JSON values`,
    );
  return { ...(description === undefined ? {} : { description }), metadata };
}

function checkSize(what: string, value: unknown): void {
  if (value === undefined) return;
  const size = Buffer.byteLength(JSON.stringify(value));
  if (size <= MAX_RECORD_BYTES) return;
  throw new CodeModeError(
    'INVALID_ARGUMENTS',
    `Cannot save an artifact: ${what} takes ${size} bytes as JSON; expected at most ${MAX_RECORD_BYTES}; put large data into the artifact itself`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(member: string, what: string, got: unknown, expected: string): CodeModeError {
  return new CodeModeError(
    'INVALID_ARGUMENTS',
    `Cannot call artifacts.${member}: ${what} is ${got === null ? 'null' : typeof got}; expected ${expected}`,
  );
}
