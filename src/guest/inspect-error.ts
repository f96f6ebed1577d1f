import { getOwnPropertyDescriptor, isRecord, newList, objectKeys } from '../protocol/codec/intrinsics.ts';
import { contains, indentLines, indexOf, repeat, slice } from './text.ts';

/** An error's stack, with its name and message in front: the guest's engine has only the frames in it. */
export function errorText(error: object, className: string | undefined, indentation: number): string {
  if (!isRecord(error)) return '';
  const { name, message, stack } = error;
  const title = typeof name === 'string' ? name : 'Error';
  const detail = typeof message === 'string' ? message : '';
  const header = title + (title !== '' && detail !== '' ? ': ' : '') + detail;
  const frames = typeof stack === 'string' ? withoutLastBreak(stack) : '';
  const text = frames === '' || indexOf(frames, '    at ') === 0 ? withoutLastBreak(header + '\n' + frames) : frames;
  const named = className === undefined ? text : withClassName(text, title, className);
  const hasFrames = contains(slice(named, indexOf(named, detail) + detail.length), '\n    at');
  return indentLines(hasFrames ? named : '[' + named + ']', repeat(' ', indentation));
}

/** The properties of an error to show besides its text. */
export function errorKeys(error: object, text: string): string[] {
  const keys: string[] = newList();
  const names = objectKeys(error);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? '';
    if (name === 'stack' || ((name === 'name' || name === 'message') && isInText(error, name, text))) continue;
    keys[keys.length] = name;
  }
  if (isHidden(error, 'cause')) keys[keys.length] = 'cause';
  if (isHidden(error, 'errors')) keys[keys.length] = 'errors';
  return keys;
}

function isInText(error: object, name: string, text: string): boolean {
  const value = isRecord(error) ? error[name] : undefined;
  return typeof value !== 'string' || contains(text, value);
}

function isHidden(error: object, name: string): boolean {
  return getOwnPropertyDescriptor(error, name)?.enumerable === false;
}

/** A class that sets no `name` has its parent's in the stack. */
function withClassName(text: string, name: string, className: string): string {
  const next = text[name.length];
  const startsWithName = indexOf(text, name) === 0 && (next === undefined || next === ':' || next === '\n');
  if (className === name || !startsWithName || !contains(name, 'Error')) return text;
  return (contains(className, name) ? className : className + ' [' + name + ']') + slice(text, name.length);
}

function withoutLastBreak(text: string): string {
  return text[text.length - 1] === '\n' ? slice(text, 0, text.length - 1) : text;
}
