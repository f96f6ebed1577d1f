/** What client and server of the remote protocol agree on: names, and the shapes of what travels as JSON. */

/** Every address of this version begins so. */
export const API = '/v1';

/** A stream of frames: see `frame.ts`. What keeps every type; the other forms are for people and other languages. */
export const FRAMES = 'application/vnd.ts-code-mode.frames';
export const EVENT_STREAM = 'text/event-stream';

/** Names a run: a request that is sent again under the same name is answered by the same run. */
export const RUN_NAME_HEADER = 'idempotency-key';
export const RUN_NAME = /^[\w.-]{1,128}$/;

/** Where a reader of a run's events goes on: after the event of this number. */
export const LAST_EVENT_HEADER = 'last-event-id';

/** Something is sent at least so often while a run is under way, in milliseconds: silence means the connection is dead. */
export const HEARTBEAT_MS = 10_000;

/** Addresses of one session. */
export function sessionPath(id: string): string {
  return `${API}/sessions/${encodeURIComponent(id)}`;
}

export function runPath(sessionId: string, run: string): string {
  return `${sessionPath(sessionId)}/runs/${encodeURIComponent(run)}`;
}

/** Addresses of one skill or artifact; a `/` in its name may stand as it is, or escaped. */
export function skillPath(name: string): string {
  return `${API}/skills/${encodeURIComponent(name)}`;
}

export function artifactPath(name: string): string {
  return `${API}/artifacts/${encodeURIComponent(name)}`;
}

/** A session as the API shows it. */
export interface SessionRecord {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly lastUsedAt: string;
  /** Runs that wait or are under way. */
  readonly activeRuns: number;
}
