import { describe, expect, it } from 'vitest';

import { createGuestVm, expectSame, showInNode, shownValue } from './guest-vm.ts';

const guest = await createGuestVm();

const INTL_CLASSES = [
  'DateTimeFormat',
  'NumberFormat',
  'Collator',
  'PluralRules',
  'RelativeTimeFormat',
  'ListFormat',
  'Locale',
  'DisplayNames',
  'Segmenter',
  'DurationFormat',
];

/** Properties as the language describes them: names, lengths, kinds and flags. */
function members(path: string): string {
  return `Reflect.ownKeys(${path}).map((key) => {
    const { value, get, set, ...flags } = Reflect.getOwnPropertyDescriptor(${path}, key);
    const functions = [value, get, set].map((part) => typeof part === 'function' ? part.name + '/' + part.length : typeof part);
    return [String(key), functions, flags];
  }).sort((a, b) => a[0] < b[0] ? -1 : 1)`;
}

function memberNames(path: string): string {
  return `Reflect.ownKeys(${path}).filter((key) => typeof key === 'string').map((key) => {
    const { value, get, set } = Reflect.getOwnPropertyDescriptor(${path}, key);
    return key + ' ' + [value, get, set].map((part) => typeof part === 'function' ? part.name + '/' + part.length : typeof part);
  }).sort()`;
}

describe('installGlobals', () => {
  it('adds exactly these globals to those of the engine', () => {
    const own = guest.show(`Object.getOwnPropertyNames(globalThis).filter((name) => {
      const { enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(globalThis, name);
      return !enumerable && writable && configurable && !/Error$|Array$|^(timers|setTimeout)$/.test(name) && /^[A-Z]|^[a-z]+$/.test(name);
    })`);
    for (const name of [
      'AbortController',
      'AbortSignal',
      'Event',
      'EventTarget',
      'Intl',
      'TextDecoder',
      'TextEncoder',
      'URL',
      'URLSearchParams',
      'crypto',
      'performance',
      'atob',
      'btoa',
      'DOMException',
    ]) {
      expect(own).toContain(`"${name}"`);
    }
    expect(guest.show(`typeof queueMicrotask + typeof fetch + typeof process + typeof Buffer`)).toBe(
      '{"value":"functionundefinedundefinedundefined"}',
    );
  });

  it('gives Intl and its classes the members of the native ones', () => {
    const paths = INTL_CLASSES.flatMap((name) => [`Intl.${name}`, `Intl.${name}.prototype`]);
    expectSame(guest, [
      ...paths.map(members),
      `Reflect.ownKeys(Intl).map(String).sort()`,
      `Object.getOwnPropertyDescriptor(globalThis, 'Intl').enumerable`,
    ]);
  });

  it('gives the locale methods the look of the native ones', () => {
    const paths = [
      'String.prototype',
      'Number.prototype',
      'BigInt.prototype',
      'Date.prototype',
      'Array.prototype',
      'Object.getPrototypeOf(Uint8Array.prototype)',
    ];
    expectSame(
      guest,
      paths.map((path) => `${members(path)}.filter(([name]) => /locale/i.test(name))`),
    );
  });

  it.each([
    ['URL', ['createObjectURL', 'revokeObjectURL']],
    ['URL.prototype', []],
    ['URLSearchParams', []],
    ['URLSearchParams.prototype', []],
    ['TextEncoder', []],
    ['TextEncoder.prototype', []],
    ['TextDecoder', []],
    ['TextDecoder.prototype', []],
    ['AbortController', []],
    ['AbortController.prototype', []],
    ['AbortSignal', []],
    ['AbortSignal.prototype', []],
    ['EventTarget', []],
    ['EventTarget.prototype', []],
    ['Event', []],
    ['Event.prototype', ['cancelBubble', 'initEvent', 'returnValue', 'srcElement']],
  ])('gives %s the members of the native one, but for %s', (path, missing) => {
    const others = `${memberNames(path)}.filter((member) => !${JSON.stringify(missing)}.some((name) => member.startsWith(name + ' ')))`;
    expect(shownValue(guest.show(memberNames(path)))).toEqual(shownValue(showInNode(others)));
  });

  it('tags its objects', () => {
    const objects = [
      'new URL("http://a")',
      'new URLSearchParams()',
      'new URLSearchParams().keys()',
      'new TextEncoder()',
      'new TextDecoder()',
      'new AbortController()',
      'AbortSignal.abort()',
      'new Event("x")',
      'new EventTarget()',
      'crypto',
      'performance',
      'Intl',
      'new Intl.Locale("de")',
    ];
    expectSame(
      guest,
      objects.map((object) => `Object.prototype.toString.call(${object})`),
    );
  });
});
