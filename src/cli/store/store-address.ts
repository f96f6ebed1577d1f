import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { usageError } from '../usage-error.ts';
import { isKind } from './kinds.ts';
import type { Kind } from './kinds.ts';

/** Where a store is. `shown` names it in messages: without a password. */
export type StoreAddress = FolderAddress | RedisAddress;

export interface FolderAddress {
  readonly type: 'folder';
  /** Absolute. */
  readonly path: string;
  readonly shown: string;
}

export interface RedisAddress {
  readonly type: 'redis';
  /** Without the parameters that are ours. */
  readonly url: string;
  readonly cluster: boolean;
  readonly prefix: string;
  /** The prefix was that of one kind: `myapp:tools`. */
  readonly only?: Kind;
  readonly shown: string;
}

/** Two letters at least: `C:\storage` is a path. */
const SCHEME = /^([a-z][a-z\d+.-]+):/i;
const EXPECTED = 'a folder, file:DIR, redis://..., rediss://... or env:NAME';

/**
 * Reads the address of a store: a path, `file:DIR`, a Redis URL (`?prefix=` and `?cluster=true` at its end are ours), or
 * `env:NAME` for an environment variable that holds one of these.
 *
 * @param option what the address was given as: `--target`
 * @param prefix that of a Redis whose address has none
 * @throws {CodeModeError} `INVALID_OPTION`; passwords are never shown
 */
export function parseAddress(option: string, text: string, prefix: string | undefined): StoreAddress {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'env') return parsePlain({ option, text, prefix });
  const name = text.slice('env:'.length);
  const value = process.env[name] ?? '';
  if (value === '') throw usageError(`Cannot use ${option} ${text}: the environment variable ${name} is not set`);
  return parsePlain({ option: `${option} ${text}`, text: value, prefix });
}

interface Given {
  readonly option: string;
  readonly text: string;
  readonly prefix: string | undefined;
}

function parsePlain(given: Given): StoreAddress {
  const { option, text } = given;
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'redis' || scheme === 'rediss') return parseRedis(given);
  if (scheme !== undefined && scheme !== 'file')
    throw usageError(`Cannot use ${option}: it begins with ${scheme}:; expected ${EXPECTED}`);
  const path = scheme === undefined ? text : pathOf(option, text);
  if (path === '' || path.includes('\0')) throw usageError(`Cannot use ${option}: it is empty; expected ${EXPECTED}`);
  return { type: 'folder', path: resolve(path), shown: path };
}

function pathOf(option: string, text: string): string {
  if (!text.startsWith('file://')) return text.slice('file:'.length);
  try {
    return fileURLToPath(text);
  } catch {
    throw usageError(`Cannot use ${option}: it is no file URL of this machine; expected file:DIR`);
  }
}

function parseRedis({ option, text, prefix: otherwise }: Given): RedisAddress {
  const url = URL.parse(text);
  // A password with a / ? or # that is not encoded ends up here: what is refused is not shown.
  if (url === null || url.hostname === '' || url.hash !== '' || !/^\/?\d*$/.test(url.pathname)) {
    throw usageError(
      `Cannot use ${option}: it is no Redis URL; expected redis[s]://[[user][:password]@]host[:port][/n], encoded`,
    );
  }
  const { prefix: own, cluster = 'false', ...others } = Object.fromEntries(url.searchParams);
  if (Object.keys(others).length > 0 || !['true', 'false'].includes(cluster)) {
    throw usageError(`Cannot use ${option}: its URL has other parameters; expected prefix=NAME and cluster=true only`);
  }
  url.search = '';
  const plainUrl = url.href;
  const host = withoutSecret(url);
  const given = own ?? otherwise ?? '';
  if (given === '') {
    throw usageError(
      `Cannot use ${option} ${host}: it has no prefix; expected --prefix NAME, or ?prefix=NAME in the URL`,
    );
  }
  const { prefix, only } = splitPrefix(given);
  const isCluster = cluster === 'true';
  const shown = `${host}?prefix=${prefix}${isCluster ? '&cluster=true' : ''}`;
  return { type: 'redis', url: plainUrl, cluster: isCluster, prefix, ...(only === undefined ? {} : { only }), shown };
}

function withoutSecret(url: URL): string {
  const shown = new URL(url);
  // A user without a password is a password in the wrong place.
  if (shown.password === '' && shown.username !== '') shown.username = '***';
  if (shown.password !== '') shown.password = '***';
  return shown.href.replace(/\/$/, '');
}

/** `myapp:tools` says the keys of the tools of `myapp`. */
function splitPrefix(given: string): { readonly prefix: string; readonly only?: Kind } {
  const at = given.lastIndexOf(':');
  const only = given.slice(at + 1);
  return at > 0 && isKind(only) ? { prefix: given.slice(0, at), only } : { prefix: given };
}

/**
 * The kinds that a command is about: by `--type`, else by a prefix of one kind; `undefined` when neither says.
 *
 * @throws {CodeModeError} `INVALID_OPTION` when they disagree
 */
export function kindOf(type: Kind | 'all' | undefined, addresses: readonly StoreAddress[]): Kind | 'all' | undefined {
  let kind = type;
  for (const address of addresses) {
    const only = address.type === 'redis' ? address.only : undefined;
    if (only !== undefined && kind !== undefined && kind !== only) {
      const message = `Cannot use the prefix of ${only} for ${kind}: expected --type ${only}, or a prefix without :${only}`;
      throw new CodeModeError('INVALID_OPTION', message);
    }
    kind ??= only;
  }
  return kind;
}
