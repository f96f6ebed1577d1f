import { quote, setPrototypeOf } from '../../protocol/codec/intrinsics.ts';
import { iteratorPrototype, sliceText, toNumber } from './captured.ts';
import { defineConstant, defineMethod } from './define.ts';
import { ask } from './host.ts';
import type { IntlState } from './intl-state.ts';
import { SEGMENTS_PER_CALL } from './wire.ts';

interface Segment {
  segment: string;
  index: number;
  input: string;
  isWordLike?: boolean;
}

/** Defines `Intl.Segmenter.prototype.segment`. */
export function defineSegment(prototype: object, stateOf: (self: unknown) => IntlState): void {
  defineMethod(prototype, 'segment', 1, (self, args) => new Segments(new SegmentedText(stateOf(self), `${args[0]}`)));
}

/** The text goes to the host whole: where a segment ends may depend on all of it. */
class SegmentedText {
  readonly text: string;
  readonly #state: IntlState;
  /** The text quoted, since a long one is sent several times. */
  readonly #quoted: string;

  constructor(state: IntlState, text: string) {
    this.text = text;
    this.#state = state;
    this.#quoted = quote(text);
  }

  /** The start of the segment at `from`, then ends of segments; negative where the segment is no word. */
  bounds(from: number, count: number): readonly number[] {
    return ask('intl.segments', `${this.#state.head}${this.#quoted},${from},${count}]`);
  }

  segment(index: number, signedEnd: number): Segment {
    const end = signedEnd < 0 ? -signedEnd : signedEnd;
    const segment = { segment: sliceText(this.text, index, end), index, input: this.text };
    return this.#state.detail === 'word' ? { ...segment, isWordLike: signedEnd > 0 } : segment;
  }
}

class Segments {
  readonly #source: SegmentedText;

  constructor(source: SegmentedText) {
    this.#source = source;
  }

  containing(index: unknown): Segment | undefined {
    const number = toNumber(index) || 0;
    const { length } = this.#source.text;
    if (number <= -1 || number >= length || length === 0) return undefined;
    const position = number - (number % 1);
    const bounds = this.#source.bounds(position, 1);
    return this.#source.segment(bounds[0] ?? 0, bounds[1] ?? 0);
  }

  [Symbol.iterator](): SegmentIterator {
    return new SegmentIterator(this.#source);
  }
}

class SegmentIterator {
  readonly #source: SegmentedText;
  #position = 0;
  #bounds: readonly number[] = [];
  #next = 1;

  constructor(source: SegmentedText) {
    this.#source = source;
  }

  next(): { value: Segment | undefined; done: boolean } {
    if (this.#position >= this.#source.text.length) return { value: undefined, done: true };
    if (this.#next >= this.#bounds.length) {
      this.#bounds = this.#source.bounds(this.#position, SEGMENTS_PER_CALL);
      this.#next = 1;
    }
    const value = this.#source.segment(this.#position, this.#bounds[this.#next] ?? 0);
    this.#next++;
    this.#position = value.index + value.segment.length;
    return { value, done: false };
  }
}

setPrototypeOf(SegmentIterator.prototype, iteratorPrototype);
defineConstant(SegmentIterator.prototype, Symbol.toStringTag, 'Segmenter String Iterator');
// Natively the two have no constructor that one could reach.
for (const prototype of [Segments.prototype, SegmentIterator.prototype])
  Reflect.deleteProperty(prototype, 'constructor');
