import { quote, setPrototypeOf } from '../../protocol/codec/intrinsics.ts';
import { iteratorPrototype, sliceText, toNumber } from './captured.ts';
import { defineConstant, defineMethod } from './define.ts';
import { ask } from './host.ts';
import type { IntlState } from './intl-state.ts';
import { SEGMENTS_PER_CALL } from './wire.ts';

interface SegmentData {
  segment: string;
  index: number;
  input: string;
  isWordLike?: boolean;
}

/** Defines `Intl.Segmenter.prototype.segment`. */
export function defineSegment(prototype: object, stateOf: (self: unknown) => IntlState): void {
  defineMethod(prototype, 'segment', 1, (self, args) => new Segments(stateOf(self), `${args[0]}`));
}

/** What `segment` answers. The text goes to the host whole: where a segment ends may depend on all of it. */
class Segments {
  readonly #state: IntlState;
  readonly #text: string;

  constructor(state: IntlState, text: string) {
    this.#state = state;
    this.#text = text;
  }

  containing(index?: unknown): SegmentData | undefined {
    const position = wholeNumber(toNumber(index));
    if (position < 0 || position >= this.#text.length) return undefined;
    const bounds = this.bounds(position, 1);
    return this.data(bounds[0] ?? 0, bounds[1] ?? 0);
  }

  [Symbol.iterator](): SegmentIterator {
    return new SegmentIterator(this);
  }
}
