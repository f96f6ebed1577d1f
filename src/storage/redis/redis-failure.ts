import { CodeModeError } from '../../errors/code-mode-error.ts';

const MAX_SHOWN_LENGTH = 200;

/** Answers of a server that will soon answer otherwise: it loads its data, or another becomes the master. */
const TRANSIENT = new Set(['LOADING', 'READONLY', 'CLUSTERDOWN', 'TRYAGAIN', 'MASTERDOWN', 'NOREPLICAS', 'BUSY']);

/** What to tell about a server's refusals, and what to do. */
const REASONS: Readonly<Record<string, string>> = {
  WRONGPASS: 'it refused the user or the password; check username and password',
  NOAUTH: 'it wants a password; give username and password',
  NOPERM: 'its user may not do this; allow it the keys below the prefix, and scripts',
  OOM: 'it is out of memory; free some or raise maxmemory',
  MISCONF: 'it can’t write to its disk; check the server',
  WRONGTYPE: 'a key below the prefix holds something else; use another prefix',
  MOVED: 'it is a node of a cluster; set cluster: true, or give a client made by createCluster',
  CROSSSLOT: 'it is a cluster, and the prefix has no hash tag; use one like "{myapp}"',
};

/** The code of a server's error reply (`WRONGTYPE`, `ERR`); `undefined` for what the connection itself failed with. */
export function replyCode(error: unknown): string | undefined {
  return error instanceof Error ? /^([A-Z]{2,}) /.exec(error.message)?.[1] : undefined;
}

/** Whether the same command may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  const reply = replyCode(error);
  return reply === undefined ? !isCertificateError(error) : TRANSIENT.has(reply);
}

/**
 * The error that callers get.
 *
 * The original is not kept as `cause`: it may name hosts and users, and errors reach the guest.
 *
 * @param action what was tried: `save artifacts/a.json`
 */
export function redisError(action: string, error: unknown): CodeModeError {
  const reply = replyCode(error);
  const reason = reply ?? connectionCode(error);
  const message =
    reply === undefined
      ? `Redis can’t be reached (${reason}); check that it runs and how it is reached, then try again`
      : `Redis answered ${reason}, ${REASONS[reply] ?? textOf(error)}`;
  return new CodeModeError('STORAGE', `Cannot ${action}: ${message}`, { details: { reason } });
}

function connectionCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error instanceof AggregateError) return connectionCode(error.errors[0]);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.constructor.name === 'Error' ? 'no connection' : error.constructor.name;
}

function isCertificateError(error: unknown): boolean {
  return /CERT|_TLS_|_SSL_|UNABLE_TO/.test(connectionCode(error));
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message.replace(/^[A-Z]+ /, '') : String(error);
  return `${text.slice(0, MAX_SHOWN_LENGTH)}; check the server`;
}
