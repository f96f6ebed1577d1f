import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import type { StoredEntry } from '../../contracts/storage.ts';
import type { ToolSource, ToolStore } from '../../contracts/tool-store.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { checkToolFileName, isToolFileName } from '../names.ts';
import { EntryHash } from './entry-hash.ts';
import type { HashEntry } from './entry-hash.ts';
import { parseJson } from './parse-json.ts';
import type { RedisLink } from './redis-link.ts';
import { fieldOf, fileNameOf } from './tool-fields.ts';

const MAX_TEXT_BYTES = 1024 * 1024;

const sourceSchema = z.object({ text: z.string(), of: z.string() });

/**
 * Tool files as a hash of what their YAML says, in JSON, which py-code-mode reads too. The text itself, with its comments,
 * lies beside it, and counts as long as that value is the one it was written with.
 */
export class RedisToolStore implements ToolStore {
  readonly #hash: EntryHash;

  /** @param prefix `myapp:tools` */
  constructor(link: RedisLink, prefix: string) {
    this.#hash = new EntryHash(link, {
      prefix,
      key: toolsKey(prefix),
      listing: 'list tools/',
      nameOf: (field) => (isToolFileName(fileNameOf(field)) ? fileNameOf(field) : undefined),
    });
  }

  async list(): Promise<readonly StoredEntry[]> {
    return this.#hash.list();
  }

  /** @throws {CodeModeError} `INVALID_NAME`, `INVALID_TOOL_FILE` for one that is too large. */
  async read(name: string): Promise<ToolSource | undefined> {
    if (!isToolFileName(name) || /[/\\\0]/.test(name)) checkToolFileName(name);
    const origin = `tools/${name}`;
    const entry = await this.#hash.read(`read ${origin}`, fieldOf(name));
    if (entry === undefined) return undefined;
    const text = textOf(entry.value, entry.source);
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_TEXT_BYTES) {
      const problem = `it has ${bytes} bytes, more than ${MAX_TEXT_BYTES}`;
      throw new CodeModeError('INVALID_TOOL_FILE', `Cannot load ${origin}: ${problem}; expected a YAML file`);
    }
    return { name, origin, version: entry.version, text };
  }

  async write(name: string, text: string): Promise<void> {
    checkToolFileName(name);
    await this.#hash.write(`write tools/${name}`, fieldOf(name), entryOf(text), 'replace');
  }

  async writeAll(texts: ReadonlyMap<string, string>): Promise<void> {
    for (const name of texts.keys()) checkToolFileName(name);
    const entries = texts.entries().map(([name, text]) => [fieldOf(name), entryOf(text)] as const);
    await this.#hash.writeAll('write tools/', entries);
  }

  async delete(name: string): Promise<boolean> {
    checkToolFileName(name);
    return this.#hash.delete(`delete tools/${name}`, fieldOf(name));
  }
}

export function toolsKey(prefix: string): string {
  return `${prefix}:__tools__`;
}

function entryOf(text: string): HashEntry {
  const value = valueOf(text);
  return { value, source: JSON.stringify({ text, of: sha256(value) }) };
}

/** What the YAML says; for a text that is no YAML mapping, the text. */
function valueOf(text: string): string {
  try {
    const content: unknown = Buffer.byteLength(text) > MAX_TEXT_BYTES ? undefined : parse(text, { logLevel: 'silent' });
    const isMapping = typeof content === 'object' && content !== null && !Array.isArray(content);
    return JSON.stringify(isMapping ? content : text);
  } catch {
    return JSON.stringify(text);
  }
}

function textOf(value: Buffer, source: Buffer | undefined): string {
  const written = source === undefined ? undefined : sourceSchema.safeParse(parseJson(source)).data;
  if (written?.of === sha256(value)) return written.text;
  const content = parseJson(value);
  if (typeof content === 'string') return content;
  return content === undefined ? value.toString('utf8') : JSON.stringify(content, undefined, 2);
}

function sha256(value: string | Buffer): string {
  return createHash('sha256').update(value).digest('hex');
}
