import { defineProperty } from '../protocol/codec/intrinsics.ts';

/** Defines a property as the language does its own: there, but not listed. */
export function hide(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Defines a property that nobody can replace. */
export function pin(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: false, configurable: false, enumerable: false });
}
