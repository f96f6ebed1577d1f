import { getPrototypeOf, uncurryThis } from '../protocol/codec/intrinsics.ts';
import { functionName } from './object-names.ts';
import { indexOf } from './text.ts';

const sourceOf: (value: unknown) => string = uncurryThis(Function.prototype.toString);

/** `[Function: name]`, `[class Name extends Parent]`, ... */
export function functionTitle(value: object, maker: string | undefined): string {
  const name = functionName(value);
  if (isClass(value)) {
    const parent = getPrototypeOf(value);
    const parentName = parent === null ? '[null prototype]' : functionName(parent);
    return '[class ' + (name === '' ? '(anonymous)' : name) + (parentName === '' ? '' : ' extends ' + parentName) + ']';
  }
  const type =
    maker === 'AsyncFunction' || maker === 'GeneratorFunction' || maker === 'AsyncGeneratorFunction'
      ? maker
      : 'Function';
  const origin = maker === undefined ? ' (null prototype)' : '';
  return '[' + type + origin + (name === '' ? ' (anonymous)' : ': ' + name) + ']';
}

function isClass(value: object): boolean {
  try {
    const source = sourceOf(value);
    return indexOf(source, 'class') === 0 && source[source.length - 1] === '}';
  } catch {
    // A proxy of a function has no source.
    return false;
  }
}
