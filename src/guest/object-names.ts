import { getOwnPropertyDescriptor, getPrototypeOf, mapGet, ownOption } from '../protocol/codec/intrinsics.ts';

// What objects are called, read from data properties alone: showing a value runs no getter of it.

/** A proxy may answer a new prototype for ever. */
const MAX_PROTOTYPES = 100;
const { toStringTag } = Symbol;

/** The language's own classes, by prototype: told without their `constructor`, which anybody can replace. */
const BUILT_IN: ReadonlyMap<object, string> = builtInNames();

function builtInNames(): Map<object, string> {
  const names = new Map<object, string>();
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const maker: unknown = Reflect.getOwnPropertyDescriptor(globalThis, name)?.value;
    // Iterators go by `Object` and their tag.
    if (name !== 'Iterator' && typeof maker === 'function' && maker.name === name && isObject(maker.prototype))
      names.set(maker.prototype, name);
  }
  for (const sample of [async () => {}, function* () {}, async function* () {}]) {
    const prototype = Reflect.getPrototypeOf(sample);
    if (prototype !== null) names.set(prototype, sample.constructor.name);
  }
  return names;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The own property's value, or undefined where it is missing or a getter. */
export function ownData(object: object, key: PropertyKey): unknown {
  const descriptor = getOwnPropertyDescriptor(object, key);
  return descriptor === undefined ? undefined : ownOption(descriptor, 'value');
}

/** The first value of a data property along the prototypes. */
function inheritedData(object: object, key: PropertyKey): unknown {
  let at: object | null = object;
  for (let i = 0; at !== null && i < MAX_PROTOTYPES; i++) {
    const descriptor = getOwnPropertyDescriptor(at, key);
    if (descriptor !== undefined) return ownOption(descriptor, 'value');
    at = getPrototypeOf(at);
  }
  return undefined;
}

/** The name of the class an object was made by; undefined for an object without a prototype. */
export function className(object: object): string | undefined {
  let prototype = getPrototypeOf(object);
  if (prototype === null) return undefined;
  for (let i = 0; prototype !== null && i < MAX_PROTOTYPES; i++) {
    const builtIn = mapGet(BUILT_IN, prototype);
    if (builtIn !== undefined) return builtIn;
    const maker = ownData(prototype, 'constructor');
    const name = typeof maker === 'function' ? functionName(maker) : '';
    if (name !== '') return name;
    prototype = getPrototypeOf(prototype);
  }
  return 'Object';
}

export function functionName(value: object): string {
  const name = ownData(value, 'name');
  return typeof name === 'string' ? name : '';
}

/** What `Object.prototype.toString` would call the object, where neither its class nor a property that is shown says so. */
export function extraTag(object: object, name: string | undefined): string {
  if (getOwnPropertyDescriptor(object, toStringTag)?.enumerable === true) return '';
  const tag = inheritedData(object, toStringTag);
  return typeof tag === 'string' && tag !== name ? tag : '';
}
