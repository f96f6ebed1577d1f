import type { EncodedValue } from '../../protocol/codec/message.ts';
import { FrameError } from '../../protocol/framing.ts';
import type { FramePart } from '../../protocol/framing.ts';
import type { IssuedCall } from '../in-process/messages.ts';

/** Hands out the parts of a frame in order. */
export class PartTaker {
  readonly #parts: readonly FramePart[];
  #next = 0;

  constructor(parts: readonly FramePart[]) {
    this.#parts = parts;
  }

  text(): string {
    const [part] = this.#take(1);
    if (typeof part !== 'string') throw new FrameError('Cannot read a message: a part is missing, or no text');
    return part;
  }

  call(count: number): IssuedCall {
    return { text: this.text(), parts: this.#take(count) };
  }

  value(plain: boolean, count: number): EncodedValue {
    return { text: this.text(), plain, parts: this.#take(count) };
  }

  end(): void {
    if (this.#next !== this.#parts.length)
      throw new FrameError('Cannot read a message: it has more parts than it says');
  }

  #take(count: number): readonly FramePart[] {
    const end = this.#next + count;
    if (end > this.#parts.length) throw new FrameError('Cannot read a message: it has fewer parts than it says');
    const taken = this.#parts.slice(this.#next, end);
    this.#next = end;
    return taken;
  }
}
