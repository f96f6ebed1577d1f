/** More of the language's own functions, taken before the agent's code runs; see the codec's `intrinsics.ts`. */
import { uncurryThis } from '../../protocol/codec/intrinsics.ts';

export const IntrinsicError = Error;
export const IntrinsicTypeError = TypeError;
export const IntrinsicRangeError = RangeError;
export const IntrinsicSyntaxError = SyntaxError;
export const IntrinsicDOMException = DOMException;

export const toObject: (value: unknown) => object = Object;
export const toNumber: (value: unknown) => number = Number;
export const reflectGet: (target: object, key: PropertyKey, receiver?: unknown) => unknown = Reflect.get;
export const { has: hasProperty, getOwnPropertyDescriptor: ownDescriptor } = Reflect;
export const { iterator: symbolIterator, toPrimitive: symbolToPrimitive } = Symbol;
/** Calls `valueOf` and `toString`, in the order that the hint asks for. */
export const ordinaryToPrimitive: (value: object, hint: string) => unknown = uncurryThis(
  Date.prototype[Symbol.toPrimitive],
);
export const currentTime = Date.now;
export const rejectedPromise: (reason: unknown) => Promise<never> = Promise.reject.bind(Promise);

export const weakMapGet: <K extends WeakKey, V>(map: WeakMap<K, V>, key: K) => V | undefined = uncurryThis(
  WeakMap.prototype.get,
);
export const weakMapSet: <K extends WeakKey, V>(map: WeakMap<K, V>, key: K, value: V) => unknown = uncurryThis(
  WeakMap.prototype.set,
);

export const charCodeAt: (text: string, index: number) => number = uncurryThis(String.prototype.charCodeAt);
export const sliceText: (text: string, start: number, end?: number) => string = uncurryThis(String.prototype.slice);
/** Lone surrogates become U+FFFD, as in every text that a web API takes. */
export const toWellFormed: (text: string) => string = uncurryThis(String.prototype.toWellFormed);
export const copyInto: (target: Uint8Array, source: Uint8Array, offset?: number) => void = uncurryThis(
  Uint8Array.prototype.set,
);

export const iteratorPrototype: object = Iterator.prototype;
