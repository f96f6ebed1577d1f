import { getOwnPropertyDescriptor, isError, isRecord, quote } from '../protocol/codec/intrinsics.ts';
import { cutText, inspect } from './inspect.ts';

const MAX_CAUSES = 8;
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/** How much of an error is told, in UTF-16 units: `resultBytes` is for values, and an error has to be told. */
interface Room {
  readonly message: number;
  readonly stack: number;
  /** As JSON; more of it is left out. */
  readonly details: number;
}
const ROOM: Room = { message: 65_536, stack: 16_384, details: 65_536 };
const ROOM_OF_CAUSE: Room = { message: 2_048, stack: 2_048, details: 2_048 };
const MAX_NAME = 200;

/** What was thrown, as JSON: name, message, stack, code, details, cause. Reads properties, so it may run the agent's getters. */
export function describeThrown(thrown: unknown): string {
  try {
    return describe(thrown, 0);
  } catch (error) {
    return isOutOfMemory(error)
      ? '{"name":"InternalError","message":"out of memory","stack":""}'
      : '{"name":"Error","message":"The code threw something that can not be read","stack":""}';
  }
}

/** As the engine says it. Runs no code of the agent's, whose getter may have thrown this. */
function isOutOfMemory(error: unknown): boolean {
  return isError(error) && getOwnPropertyDescriptor(error, 'message')?.value === 'out of memory';
}

function describe(thrown: unknown, depth: number): string {
  const room = depth === 0 ? ROOM : ROOM_OF_CAUSE;
  if (!isRecord(thrown) || (!isError(thrown) && typeof thrown['message'] !== 'string')) {
    const shown = inspect(thrown, { maxLength: room.message });
    return `{"name":"Error","message":${quote(`Uncaught ${shown}`)},"stack":""}`;
  }
  const { name, message, stack, code, details, cause } = thrown;
  const nameText = text(name, 'Error', MAX_NAME);
  let json = `{"name":${nameText},"message":${text(message, '', room.message)},"stack":${text(stack, '', room.stack)}`;
  if (typeof code === 'string' && code.length <= MAX_NAME) json += `,"code":${quote(code)}`;
  if (details !== undefined) json += `,"details":${detailsOf(details, room.details)}`;
  if (cause !== undefined && depth < MAX_CAUSES) json += `,"cause":${describe(cause, depth + 1)}`;
  return `${json}}`;
}

/** Facts that the host gave with an error: plain data, unless the agent's code changed them. */
function detailsOf(details: unknown, maxLength: number): string {
  try {
    const json = stringify(details);
    return json !== undefined && json.length <= maxLength ? json : 'null';
  } catch {
    return 'null';
  }
}

function text(value: unknown, otherwise: string, maxLength: number): string {
  return quote(typeof value === 'string' ? cutText(value, maxLength) : otherwise);
}
