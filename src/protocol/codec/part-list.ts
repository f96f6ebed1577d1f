import { CodeModeError } from '../../errors/code-mode-error.ts';
import {
  arrayPrototype,
  bufferIsResizable,
  bufferLength,
  copyBytes,
  IntrinsicMap,
  mapGet,
  mapSet,
  newList,
  setPrototypeOf,
} from './intrinsics.ts';

/** The stretch of a buffer that the value shows, in bytes. */
interface Stretch {
  readonly buffer: ArrayBuffer;
  readonly part: number;
  start: number;
  end: number;
}

/** They cross as arguments of one call, of which the engine takes 65,534. */
const MAX_PARTS = 65_000;

/** Gathers what of a value stands apart from its text: long strings, and the stretches of buffers that its views show. */
export class PartList {
  /** Size of all parts, in bytes, as `encodedSize` counts them. */
  bytes = 0;
  readonly #parts: (ArrayBuffer | string)[] = newList();
  readonly #stretches: Stretch[] = newList();
  readonly #stretchOf = new IntrinsicMap<ArrayBuffer, Stretch>();

  /** @throws CodeModeError `NOT_TRANSFERABLE` when there are too many. */
  addText(text: string): number {
    const part = this.#parts.length;
    if (part === MAX_PARTS) throw tooMany();
    this.#parts[part] = text;
    this.bytes += text.length;
    return part;
  }

  /** Answers the part of a buffer of which `start` to `end` is shown. */
  addBuffer(buffer: ArrayBuffer, start: number, end: number): number {
    const known = mapGet(this.#stretchOf, buffer);
    if (known === undefined) {
      const stretch = { buffer, part: this.addText(''), start, end };
      this.bytes += end - start;
      mapSet(this.#stretchOf, buffer, stretch);
      this.#stretches[this.#stretches.length] = stretch;
      return stretch.part;
    }
    const before = known.end - known.start;
    if (start < known.start) known.start = start;
    if (end > known.end) known.end = end;
    this.bytes += known.end - known.start - before;
    return known.part;
  }

  /**
   * The parts, now that it is known what of each buffer is shown. `bases` is undefined when all start at their
   * buffer's start, else where each part starts, in bytes and between commas.
   *
   * @throws RangeError when a buffer shrank since it was added.
   */
  finish(take: ((buffer: ArrayBuffer) => ArrayBuffer) | undefined): {
    parts: (ArrayBuffer | string)[];
    bases: string | undefined;
  } {
    const bases: number[] = newList();
    let isShifted = false;
    for (let i = 0; i < this.#stretches.length; i++) {
      const stretch = this.#stretches[i];
      if (stretch === undefined) continue;
      this.#parts[stretch.part] = take === undefined ? bytesOf(stretch) : take(stretch.buffer);
      bases[stretch.part] = baseOf(stretch);
      if (baseOf(stretch) > 0) isShifted = true;
    }
    let text = '';
    for (let i = 0; i < this.#parts.length; i++) text += (i === 0 ? '' : ',') + (bases[i] ?? 0);
    setPrototypeOf(this.#parts, arrayPrototype);
    return { parts: this.#parts, bases: isShifted ? text : undefined };
  }
}

/** Views of wide elements must start at a multiple of their size: at most 8 bytes. */
function baseOf(stretch: Stretch): number {
  return stretch.start - (stretch.start % 8);
}

function bytesOf(stretch: Stretch): ArrayBuffer {
  const { buffer, start, end } = stretch;
  const isWhole = start === 0 && end === bufferLength(buffer) && !bufferIsResizable(buffer);
  return isWhole ? buffer : copyBytes(buffer, start, end, start - baseOf(stretch));
}

function tooMany(): CodeModeError {
  return new CodeModeError(
    'NOT_TRANSFERABLE',
    'Cannot pass on the value: it holds more than ' +
      MAX_PARTS +
      ' byte arrays and long strings (over 1,024 characters); pass on fewer at once',
  );
}
