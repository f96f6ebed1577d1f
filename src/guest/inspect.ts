import {
  getOwnPropertyDescriptor,
  hasOwn,
  IntrinsicMap,
  mapGet,
  mapSet,
  mapSize,
  newList,
  ownOption,
} from '../protocol/codec/intrinsics.ts';
import { layOut, LINE_WIDTH } from './inspect-layout.ts';
import { inspectPrimitive, symbolText } from './inspect-primitive.ts';
import { shapeOf } from './inspect-shape.ts';
import type { Contents } from './inspect-shape.ts';
import { quoteKey, quoteText } from './quote-text.ts';
import { indexOf, plural, repeat, slice } from './text.ts';

export interface InspectOptions {
  /** Levels of nesting shown. Default: 4. */
  readonly depth?: number;
  /** Longest text, in UTF-16 code units; what is cut off is counted at the end. Default: 65,536. */
  readonly maxLength?: number;
}

const DEFAULT_DEPTH = 4;
const DEFAULT_MAX_LENGTH = 65_536;
/** UTF-16 code units shown of a string inside of an object. */
const MAX_STRING = 10_000;
/** Shorter strings are not broken at their line breaks. */
const MIN_BROKEN_STRING = 16;

/**
 * A value as text, for people: as Node's `util.inspect` shows it, four levels deep. Runs no getters but those of
 * errors; proxies see that they are looked at. Never throws.
 */
export function inspect(value: unknown, options: InspectOptions = {}): string {
  const maxLength = ownOption(options, 'maxLength') ?? DEFAULT_MAX_LENGTH;
  const inspector = new Inspector(ownOption(options, 'depth') ?? DEFAULT_DEPTH, maxLength);
  return cutText(inspector.show(value), maxLength);
}

/** Cuts a text to a length in UTF-16 code units, saying so. */
export function cutText(text: string, maxLength: number = DEFAULT_MAX_LENGTH): string {
  const excess = text.length - maxLength;
  if (excess <= 0) return text;
  return slice(text, 0, maxLength) + '... ' + plural(excess, 'more character');
}

class Inspector implements Contents {
  readonly #maxDepth: number;
  /** UTF-16 code units that may still be made: enough for the final cut to fall inside of them. */
  #budget: number;
  #indentation = 0;
  /** The objects being shown, outermost first. */
  readonly #open: object[] = newList();
  /** Objects that were met inside of themselves, and their numbers. */
  readonly #circular = new IntrinsicMap<object, number>();
  /** Levels down to the object that was begun last. */
  #lastLevel = 0;

  constructor(maxDepth: number, maxLength: number) {
    this.#maxDepth = maxDepth;
    this.#budget = maxLength;
  }

  get indentation(): number {
    return this.#indentation;
  }

  get isSpent(): boolean {
    return this.#budget < 0;
  }

  show(value: unknown): string {
    if (typeof value === 'string') return this.#spend(this.#string(value));
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
      return this.#spend(inspectPrimitive(value));
    for (let i = 0; i < this.#open.length; i++) {
      if (this.#open[i] === value) return this.#spend('[Circular *' + this.#numberOf(value) + ']');
    }
    const level = this.#open.length;
    const indentation = this.#indentation;
    try {
      return this.#object(value);
    } catch {
      // A proxy's trap threw, or nothing is left of the stack.
      this.#open.length = level;
      this.#indentation = indentation;
      return this.#spend('[Object that throws when it is looked at]');
    }
  }

  nested(value: unknown): string {
    this.#indentation += 2;
    const text = this.show(value);
    this.#indentation -= 2;
    return text;
  }

  property(descriptor: PropertyDescriptor): string {
    if (hasOwn(descriptor, 'value')) return this.nested(descriptor.value);
    if (ownOption(descriptor, 'get') === undefined) return '[Setter]';
    return ownOption(descriptor, 'set') === undefined ? '[Getter]' : '[Getter/Setter]';
  }

  #spend(text: string): string {
    this.#budget -= text.length + 2;
    return text;
  }

  #numberOf(circular: object): number {
    const known = mapGet(this.#circular, circular);
    if (known !== undefined) return known;
    const number = mapSize(this.#circular) + 1;
    mapSet(this.#circular, circular, number);
    return number;
  }

  #string(text: string): string {
    const excess = text.length - MAX_STRING;
    const shown = excess > 0 ? slice(text, 0, MAX_STRING) : text;
    const trailer = excess > 0 ? '... ' + plural(excess, 'more character') : '';
    if (shown.length <= MIN_BROKEN_STRING || shown.length <= LINE_WIDTH - this.#indentation - 4)
      return quoteText(shown) + trailer;
    let lines = '';
    let start = 0;
    for (let end = indexOf(shown, '\n'); end !== -1 && end + 1 < shown.length; end = indexOf(shown, '\n', start)) {
      lines += quoteText(slice(shown, start, end + 1)) + ' +\n' + repeat(' ', this.#indentation + 2);
      start = end + 1;
    }
    return lines + quoteText(slice(shown, start)) + trailer;
  }

  #object(value: object): string {
    const shape = shapeOf(value, this.#indentation);
    const { base, open, close, keys } = shape;
    if (shape.entries === undefined && keys.length === 0) return this.#spend(base === '' ? open + close : base);
    if (this.#open.length > this.#maxDepth) return this.#spend('[' + shape.title + ']');
    this.#open[this.#open.length] = value;
    const level = this.#open.length;
    this.#lastLevel = level;
    const list: string[] = newList();
    const columns = shape.entries?.(list, this) ?? 'none';
    const hasRemainder = shape.limit !== undefined && list.length > shape.limit;
    this.#properties(value, keys, list);
    this.#open.length = level - 1;
    const number = mapGet(this.#circular, value);
    const reference = number === undefined ? '' : '<ref *' + number + '>' + (base === '' ? '' : ' ');
    const levels = this.#lastLevel - level;
    return layOut(list, {
      base: reference + base,
      open,
      close,
      indentation: this.#indentation,
      levels,
      columns,
      hasRemainder,
    });
  }

  #properties(value: object, keys: readonly PropertyKey[], list: string[]): void {
    for (let i = 0; i < keys.length; i++) {
      if (this.isSpent) {
        list[list.length] = '... ' + (keys.length - i) + ' more';
        return;
      }
      const key = keys[i] ?? '';
      const descriptor = getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined) continue;
      const name = typeof key === 'symbol' ? symbolText(key) : quoteKey('' + key);
      list[list.length] = (descriptor.enumerable === true ? name : '[' + name + ']') + ': ' + this.property(descriptor);
      this.#budget -= name.length + 2;
    }
  }
}
