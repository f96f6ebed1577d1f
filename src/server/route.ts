import type { z } from 'zod';
import type { ArtifactStore } from '../contracts/artifact-store.ts';
import type { Facade } from '../contracts/facade.ts';
import { respond } from './raw-body.ts';
import type { Metrics } from './metrics.ts';
import type { ServerSettings } from './server-options.ts';
import type { SessionTable } from './session-table.ts';
import type { Client, Scope } from './token-book.ts';

/** One address of the API: what serves it, and what its description says. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it: `/v1/sessions/{session}`. */
  readonly path: string;
  /** What the token must allow; `open`: needs none. */
  readonly scope: Scope | 'open';
  readonly summary: string;
  /** Parameters beside those in the path. */
  readonly parameters?: readonly Parameter[];
  readonly body?: RequestBody;
  readonly answers: Readonly<Record<number, Answer>>;
  readonly handle: (call: Call) => Promise<Response> | Response;
}

export interface Parameter {
  readonly in: 'query' | 'header';
  readonly name: string;
  readonly description: string;
  readonly schema: z.ZodType;
}

export interface RequestBody {
  /** By media type; absent: bytes of any kind. */
  readonly types: Readonly<Record<string, z.ZodType | undefined>>;
}

export interface Answer {
  readonly description: string;
  readonly types?: Readonly<Record<string, z.ZodType | undefined>>;
}

/** A request on its way to a route. */
export interface Call {
  readonly request: Request;
  readonly client: Client;
  /** The parameters in the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly server: ServerParts;
}

/** What routes work with. */
export interface ServerParts {
  readonly settings: ServerSettings;
  readonly sessions: SessionTable;
  readonly metrics: Metrics;
  readonly startedAt: number;
  /** Tools, skills and artifacts of a client. */
  facadeOf(client: Client): Promise<Facade>;
  artifactsOf(client: Client): Promise<ArtifactStore>;
  isReady(): Promise<boolean>;
  /** The client that a request proves to come from. */
  clientOf(request: Request): Client | undefined;
  describe(): unknown;
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return respond(JSON.stringify(value), { status, headers: { 'content-type': 'application/json', ...headers } });
}

export function noContent(): Response {
  return new Response(null, { status: 204 });
}
