import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Storage } from '../contracts/storage.ts';

/**
 * What a token allows. `run`: sessions, their runs, calls of tools. `read`: to list, search and load tools, skills and
 * artifacts. `write`: to save and delete skills and artifacts beside what code that runs does. `metrics`: `/metrics`.
 */
export const SCOPES = ['run', 'read', 'write', 'metrics'] as const;
export type Scope = (typeof SCOPES)[number];

export interface ServerToken {
  /** Shown in metrics; names the owner of sessions. */
  readonly name: string;
  /** The secret. */
  readonly token: string;
  readonly scopes: readonly Scope[];
  /** Tools, skills and artifacts of its own. Default: those of the server. */
  readonly storage?: Storage;
  /** Sessions at a time. Default: as many as the server has. */
  readonly maxSessions?: number;
}

/** Who sent a request. */
export interface Client {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly storage: Storage;
  readonly maxSessions: number;
}

/** Knows clients by their tokens, and keeps none of these. */
export class TokenBook {
  readonly #entries: readonly { readonly digest: Buffer; readonly client: Client }[];
  /** What is compared can't be precomputed without it. */
  readonly #salt = randomBytes(32);

  constructor(tokens: readonly ServerToken[], storage: Storage) {
    this.#entries = tokens.map(({ token, name, scopes, maxSessions = Infinity, ...own }) => ({
      digest: this.#digest(token),
      client: { name, scopes: new Set(scopes), storage: own.storage ?? storage, maxSessions },
    }));
  }

  /** The client that an `Authorization` header proves. Takes the same time whatever the token is like. */
  find(authorization: string | undefined): Client | undefined {
    const [, token = ''] = /^Bearer ([\x21-\x7E]+)$/i.exec(authorization ?? '') ?? [];
    const digest = this.#digest(token);
    let found: Client | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) found = entry.client;
    return token === '' ? undefined : found;
  }

  #digest(token: string): Buffer {
    return createHash('sha256').update(this.#salt).update(token).digest();
  }
}

/** Everybody, where there is no authentication. */
export function anonymous(storage: Storage): Client {
  return { name: 'anonymous', scopes: new Set(SCOPES), storage, maxSessions: Infinity };
}

/** Who asks where nothing is asked of who asks. */
export function nobody(storage: Storage): Client {
  return { name: 'nobody', scopes: new Set(), storage, maxSessions: 0 };
}
