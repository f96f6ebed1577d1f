import { arrayPrototype, hasOwn, isExtensible, objectPrototype, ownKeys } from './intrinsics.ts';

// What somebody put on the prototypes that every ordinary object and array has.

/** Once neither can be extended (the guest's runtime sees to that), what they lack they will lack for ever. */
let areCleanForEver = false;

/** True when `JSON.stringify` would call a `toJSON` of objects that have none of their own. */
export function prototypesHaveToJson(): boolean {
  if (areCleanForEver) return false;
  const haveToJson = hasOwn(objectPrototype, 'toJSON') || hasOwn(arrayPrototype, 'toJSON');
  areCleanForEver = !haveToJson && !isExtensible(arrayPrototype) && !isExtensible(objectPrototype);
  return haveToJson;
}

/**
 * True when a hole of an array may read as something else than undefined. The `JSON.stringify` of QuickJS also calls
 * a setter at an index: it keeps the objects it is in in an ordinary array.
 */
export function prototypesHaveIndexes(): boolean {
  if (areCleanForEver) return false;
  // In the guest neither can be extended, and neither has an index from the start.
  if (!isExtensible(arrayPrototype) && !isExtensible(objectPrototype)) return false;
  return hasIndexes(arrayPrototype) || hasIndexes(objectPrototype);
}

function hasIndexes(prototype: object): boolean {
  // An object lists its indexes first.
  const first = ownKeys(prototype)[0];
  return typeof first === 'string' && first >= '0' && first < ':';
}
