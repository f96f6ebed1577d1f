import { CodeModeError } from '../errors/code-mode-error.ts';

/** Places are byte offsets in the memory. */
export interface DotPlaces {
  /** `width` 16-bit integers. */
  readonly query: number;
  /** `count` rows of `width` bytes. */
  readonly rows: number;
  readonly count: number;
  /** A multiple of 16. */
  readonly width: number;
  readonly out: number;
}

/**
 * Dot products of one vector with many, in WebAssembly: sixteen numbers at a time, some thirty times as fast as
 * JavaScript. Vectors are rows of signed bytes, padded to a multiple of 16.
 */
export interface DotKernel {
  readonly memory: WebAssembly.Memory;
  /** Writes the dot product of the query with each row, as 32-bit integers. */
  readonly dots: (places: DotPlaces) => void;
}

export async function createDotKernel(): Promise<DotKernel> {
  const { memory, dots }: Record<string, unknown> = (await WebAssembly.instantiate(moduleBytes(), {})).instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || !isFunction(dots)) {
    throw new CodeModeError('INTERNAL', 'Cannot search by meaning: the dot kernel lacks an export; report this');
  }
  return {
    memory,
    dots: ({ query, rows, count, width, out }) => {
      dots(query, rows, count, width, out);
    },
  };
}

function isFunction(value: unknown): value is (...numbers: readonly number[]) => void {
  return typeof value === 'function';
}

/** Opcodes of the WebAssembly core specification (section 5.4, "Instructions"). */
const OP = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  branch: (depth: number) => [0x0c, depth],
  branchIf: (depth: number) => [0x0d, depth],
  end: [0x0b],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  const32: (value: number) => [0x41, value],
  equalsZero: [0x45],
  lessThan: [0x49],
  add: [0x6a],
  subtract: [0x6b],
  store32: [0x36, 2, 0],
  load128: (offset: number) => [0xfd, 0, 0, offset],
  zero128: [0xfd, 12, ...Array.from({ length: 16 }, () => 0)],
  extendLow: [0xfd, 0x87, 0x01],
  extendHigh: [0xfd, 0x88, 0x01],
  dot16: [0xfd, 0xba, 0x01],
  add32: [0xfd, 0xae, 0x01],
  lane: (index: number) => [0xfd, 0x1b, index],
};

// The parameters, then what is local.
const [QUERY, ROWS, COUNT, WIDTH, OUT, ROW_END, PLACE, SUM, BYTES] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** `while (count) { sum = 0; do { sum += row[16] · query[16] } while (row < rowEnd); *out++ = sum }` */
const BODY: readonly number[] = [
  OP.block,
  OP.loop,
  [...OP.get(COUNT), ...OP.equalsZero, ...OP.branchIf(1)],
  [...OP.get(ROWS), ...OP.get(WIDTH), ...OP.add, ...OP.set(ROW_END)],
  [...OP.get(QUERY), ...OP.set(PLACE), ...OP.zero128, ...OP.set(SUM)],
  OP.loop,
  [...OP.get(ROWS), ...OP.load128(0), ...OP.set(BYTES)],
  [...OP.get(SUM), ...OP.get(BYTES), ...OP.extendLow, ...OP.get(PLACE), ...OP.load128(0), ...OP.dot16, ...OP.add32],
  [...OP.get(BYTES), ...OP.extendHigh, ...OP.get(PLACE), ...OP.load128(16), ...OP.dot16, ...OP.add32, ...OP.set(SUM)],
  [...OP.get(PLACE), ...OP.const32(32), ...OP.add, ...OP.set(PLACE)],
  [...OP.get(ROWS), ...OP.const32(16), ...OP.add, ...OP.set(ROWS)],
  [...OP.get(ROWS), ...OP.get(ROW_END), ...OP.lessThan, ...OP.branchIf(0)],
  OP.end,
  OP.get(OUT),
  [...OP.get(SUM), ...OP.lane(0), ...OP.get(SUM), ...OP.lane(1), ...OP.add],
  [...OP.get(SUM), ...OP.lane(2), ...OP.get(SUM), ...OP.lane(3), ...OP.add, ...OP.add],
  OP.store32,
  [...OP.get(OUT), ...OP.const32(4), ...OP.add, ...OP.set(OUT)],
  [...OP.get(COUNT), ...OP.const32(1), ...OP.subtract, ...OP.set(COUNT)],
  OP.branch(0),
  OP.end,
  OP.end,
  OP.end,
].flat();

/** The module: one type, one memory, one function. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const VERSION = [1, 0, 0, 0];
  const I32 = 0x7f;
  const V128 = 0x7b;
  const locals = [2, 2, I32, 2, V128];
  return Uint8Array.from([
    0,
    ...ascii('asm'),
    ...VERSION,
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name('dots'), 0, 0, ...name('memory'), 2, 0]),
    ...section(10, [1, ...sized([...locals, ...BODY])]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

/** With its length before it, in two bytes of LEB128. */
function sized(content: readonly number[]): number[] {
  return [(content.length & 0x7f) | 0x80, content.length >> 7, ...content];
}

function name(text: string): number[] {
  return [text.length, ...ascii(text)];
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
