import { bigintToString, uncurryThis } from '../protocol/codec/intrinsics.ts';

export const symbolText: (symbol: symbol) => string = uncurryThis(Symbol.prototype.toString);

/** A number, bigint, boolean, symbol, null or undefined as text. */
export function inspectPrimitive(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return value === 0 && 1 / value < 0 ? '-0' : '' + value;
    case 'bigint':
      return bigintToString(value, 10) + 'n';
    case 'symbol':
      return symbolText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'undefined';
    default:
      return 'null';
  }
}
