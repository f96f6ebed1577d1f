/**
 * A value as plain JSON, for `--json`. What JSON has no form for takes the nearest one: bytes are base64 text, a Map
 * is a list of pairs, a Set a list, an Error its name and message, a bigint and a RegExp their text, a Date its ISO
 * text, NaN, Infinity and undefined are null, and a reference back to what contains it is the text "[Circular]".
 */
export function toJsonForm(value: unknown, parents: ReadonlySet<unknown> = new Set()): unknown {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (parents.has(value)) return '[Circular]';
  return objectForm(value, new Set([...parents, value]));
}

function objectForm(value: object, parents: ReadonlySet<unknown>): unknown {
  const formOf = (member: unknown): unknown => toJsonForm(member, parents);
  if (Array.isArray(value)) return value.map(formOf);
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64');
  if (value instanceof Map) return [...value].map(([key, member]) => [formOf(key), formOf(member)]);
  if (value instanceof Set) return [...value].map(formOf);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof RegExp) return String(value);
  const ownError = value instanceof Error ? { name: value.name, message: value.message } : {};
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return { ...ownError, ...Object.fromEntries(members.map(([key, member]) => [key, formOf(member)])) };
}
