import { isError, isRecord, quote } from '../protocol/codec/intrinsics.ts';
import { inspect } from './inspect.ts';

const MAX_CAUSES = 8;
const MAX_DETAILS_CHARACTERS = 65_536;
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/** What was thrown, as JSON: name, message, stack, code, details, cause. Reads properties, so it may run the agent's getters. */
export function describeThrown(thrown: unknown): string {
  try {
    return describe(thrown, 0);
  } catch {
    return '{"name":"Error","message":"The code threw something that can not be read","stack":""}';
  }
}

function describe(thrown: unknown, depth: number): string {
  if (!isRecord(thrown) || (!isError(thrown) && typeof thrown['message'] !== 'string')) {
    return `{"name":"Error","message":${quote(`Uncaught ${inspect(thrown)}`)},"stack":""}`;
  }
  const { name, message, stack, code, details, cause } = thrown;
  let json = `{"name":${text(name, 'Error')},"message":${text(message, '')},"stack":${text(stack, '')}`;
  if (typeof code === 'string') json += `,"code":${quote(code)}`;
  if (details !== undefined) json += `,"details":${detailsOf(details)}`;
  if (cause !== undefined && depth < MAX_CAUSES) json += `,"cause":${describe(cause, depth + 1)}`;
  return `${json}}`;
}

/** Facts that the host gave with an error: plain data, unless the agent's code changed them. */
function detailsOf(details: unknown): string {
  try {
    const json = stringify(details);
    return json !== undefined && json.length <= MAX_DETAILS_CHARACTERS ? json : 'null';
  } catch {
    return 'null';
  }
}

function text(value: unknown, otherwise: string): string {
  return quote(typeof value === 'string' ? value : otherwise);
}
