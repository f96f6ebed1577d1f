import { CodeModeError } from '../errors/code-mode-error.ts';
import { WordPieces } from './word-pieces.ts';

/** What the file begins with: `TOKT`, little-endian. */
const MAGIC = 0x544b4f54;
/** Version of the format; raised when the bytes mean something else. */
const FORMAT = 1;
const HEADER_BYTES = 20;
/** Later pieces of a text change its vector little. */
const MAX_PIECES = 256;

/** A vector for every piece of the vocabulary, as signed bytes with a scale a row. The last row is added to each text. */
export interface TokenTableData {
  readonly pieces: readonly string[];
  readonly dimensions: number;
  readonly scales: Float32Array;
  readonly rows: Int8Array;
}

/** A static embedding: the vector of a text is the sum of its pieces' vectors, over the root of their number. */
export class TokenTable {
  readonly #data: TokenTableData;
  readonly #pieces: WordPieces;

  constructor(data: TokenTableData) {
    this.#data = data;
    this.#pieces = new WordPieces(new Map(data.pieces.map((piece, row) => [piece, row])));
  }

  get dimensions(): number {
    return this.#data.dimensions;
  }

  /** All zeros when no word of the text is known. */
  embed(text: string): Float32Array {
    const { dimensions, pieces } = this.#data;
    const vector = new Float32Array(dimensions);
    const rows = this.#pieces.split(text, MAX_PIECES);
    if (rows.length === 0) return vector;
    this.#add(vector, pieces.length, 1);
    for (const row of rows) this.#add(vector, row, 1 / Math.sqrt(rows.length));
    return vector;
  }

  #add(vector: Float32Array, row: number, factor: number): void {
    const { rows, scales, dimensions } = this.#data;
    const scale = factor * (scales[row] ?? 0);
    const from = row * dimensions;
    for (let index = 0; index < dimensions; index++) {
      vector[index] = (vector[index] ?? 0) + scale * (rows[from + index] ?? 0);
    }
  }
}

/** Header (magic, format, rows, dimensions, length of the pieces' text), pieces, scales, rows. Little-endian. */
export function writeTokenTable({ pieces, dimensions, scales, rows }: TokenTableData): Uint8Array {
  const text = Buffer.from(pieces.join('\n'));
  // Padded, so that the scales stand at a multiple of four.
  const textBytes = Math.ceil(text.length / 4) * 4;
  const header = Uint32Array.of(MAGIC, FORMAT, pieces.length, dimensions, textBytes);
  return Buffer.concat([
    Buffer.from(header.buffer),
    text,
    Buffer.alloc(textBytes - text.length, '\n'),
    new Uint8Array(scales.buffer, scales.byteOffset, scales.byteLength),
    new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength),
  ]);
}

/** @throws {CodeModeError} `DAMAGED` when the bytes are no token table. */
export function readTokenTable(file: Uint8Array): TokenTable {
  if (file.length < HEADER_BYTES) throw damaged(`${file.length} bytes`);
  // A copy of its own: views need aligned places, and Node's buffers may begin anywhere.
  const { buffer } = Uint8Array.from(file);
  const header = new Uint32Array(buffer.slice(0, HEADER_BYTES));
  const [magic, format, count = 0, dimensions = 0, textBytes = 0] = header;
  const scalesAt = HEADER_BYTES + textBytes;
  const rowsAt = scalesAt + (count + 1) * 4;
  if (magic !== MAGIC || format !== FORMAT || buffer.byteLength !== rowsAt + (count + 1) * dimensions) {
    throw damaged(`${buffer.byteLength} bytes that are no table of format ${FORMAT}`);
  }
  const text = new TextDecoder().decode(new Uint8Array(buffer, HEADER_BYTES, textBytes));
  const pieces = text.trimEnd().split('\n');
  if (pieces.length !== count) throw damaged(`${pieces.length} pieces where ${count} were announced`);
  return new TokenTable({
    pieces,
    dimensions,
    scales: new Float32Array(buffer, scalesAt, count + 1),
    rows: new Int8Array(buffer, rowsAt),
  });
}

function damaged(got: string): CodeModeError {
  return new CodeModeError('DAMAGED', `Cannot read the token table: got ${got}; install the package again`);
}
