import { NAMESPACES } from '../../protocol/host-call.ts';
import type { Namespace } from '../../protocol/host-call.ts';
import type { EncodedCall } from '../../workspace/run-calls.ts';
import type { IssuedCall } from './messages.ts';

interface Member {
  readonly namespace: Namespace;
  readonly path: readonly string[];
}

/** Loops call the same few members: their JSON is read once. */
const members = new Map<string, Member>();
const MAX_MEMBERS = 1_000;

/** A host call as the guest issued it; `undefined` when its head is not what the guest's runtime writes. */
export function readCall({ text: whole, parts }: IssuedCall): EncodedCall | undefined {
  const end = whole.indexOf('\n');
  const head = whole.slice(0, Math.max(0, end));
  const text = whole.slice(end + 1);
  const comma = head.indexOf(',');
  const id = Number(head.slice(0, comma));
  const plain = head.charAt(comma + 1) === '1';
  const member = readMember(head.slice(comma + 3));
  if (!Number.isSafeInteger(id) || member === undefined) return undefined;
  return { id, namespace: member.namespace, path: member.path, encoded: { text, plain, parts } };
}

function readMember(json: string): Member | undefined {
  const known = members.get(json);
  if (known !== undefined) return known;
  const member = parseMember(json);
  if (member === undefined) return undefined;
  if (members.size >= MAX_MEMBERS) members.clear();
  members.set(json, member);
  return member;
}

function parseMember(json: string): Member | undefined {
  try {
    const parsed: unknown = JSON.parse(`[${json}]`);
    if (!isList(parsed)) return undefined;
    const [name, ...path] = parsed;
    const namespace = NAMESPACES.find((each) => each === name);
    return namespace !== undefined && isPath(path) ? { namespace, path } : undefined;
  } catch {
    return undefined;
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isPath(path: readonly unknown[]): path is readonly string[] {
  return path.every((step) => typeof step === 'string');
}
