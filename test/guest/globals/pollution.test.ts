import { describe, expect, it } from 'vitest';

import { createGuestVm } from './guest-vm.ts';

/** Uses of everything that is installed; each gives a string, by nothing but what is installed. */
const USES = `[
  () => new URL('http://a/b?c=d', 'http://x').href,
  () => { const url = new URL('http://a/?b=1'); url.searchParams.append('é', '&'); url.searchParams.delete('b'); url.hash = 'x'; return url.href; },
  () => { const params = new URLSearchParams('b=1&a=2&a=3'); params.sort(); params.set('c', '4'); return params.toString() + params.get('a') + params.getAll('a').length + params.has('c', '4') + params.size; },
  () => new URLSearchParams({ a: '1' }).toString(),
  () => { const steps = new URLSearchParams('a=1').values(); return steps.next().value + steps.next().done; },
  () => '' + new TextEncoder().encode('é')[1] + new TextEncoder().encodeInto('é€', new Uint8Array(4)).written,
  () => { const decoder = new TextDecoder(); return decoder.decode(new Uint8Array(bytes), { stream: true }) + decoder.decode(new Uint8Array(more)); },
  () => { const random = new Uint32Array(4); crypto.getRandomValues(random); return '' + (random[0] + random[1] > 0) + (crypto.randomUUID().length === 36); },
  () => { const controller = new AbortController(); let seen = ''; const any = AbortSignal.any(once(controller.signal)); any.onabort = (event) => { seen += event.type + any.reason; }; controller.abort('r'); return seen; },
  () => { const target = new EventTarget(); let seen = ''; target.addEventListener('x', () => { seen += 'x'; }, { once: true }); target.dispatchEvent(new Event('x')); target.dispatchEvent(new Event('x')); return seen; },
  () => new Intl.NumberFormat('de', { minimumFractionDigits: 2 }).format(1234.5),
  () => new Intl.NumberFormat('de').formatToParts(1.5)[1].value,
  () => new Intl.DateTimeFormat(new Intl.Locale('en', { calendar: 'buddhist' }), { timeZone: 'UTC' }).format(0),
  () => '' + new Intl.Collator('sv').compare('ä', 'z') + 'a'.localeCompare('b'),
  () => new Intl.PluralRules('en').select(1) + new Intl.RelativeTimeFormat('en').format(2, 'day') + new Intl.DisplayNames('en', { type: 'region' }).of('DE'),
  () => new Intl.Locale('de').maximize().toString() + new Intl.DurationFormat('en').format({ hours: 1 }),
  () => { const steps = new Intl.Segmenter('en', { granularity: 'word' }).segment('a b')[iterator](); return steps.next().value.segment + steps.next().value.isWordLike; },
  () => (1234.5).toLocaleString('de') + (5n).toLocaleString('de') + date.toLocaleDateString('de', { timeZone: 'UTC' }) + numbers.toLocaleString('de') + 'i'.toLocaleUpperCase('tr'),
  () => { try { new Intl.NumberFormat('x_y'); } catch (error) { return error.name + error.message; } },
  () => { try { new URL('x'); } catch (error) { return error.code + error.input; } },
  () => '' + (performance.now() > 0),
]`;

/** Everything that the agent's code can reach of the language, replaced by something that throws. It uses nothing of it meanwhile. */
const POISON = `
  const stay = { __proto__: null, constructor: 1, toLocaleString: 1, toLocaleDateString: 1, toLocaleTimeString: 1, toLocaleUpperCase: 1, toLocaleLowerCase: 1, localeCompare: 1 };
  const { defineProperty, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const evil = () => { throw 'poisoned'; };
  const natives = [Object, Function, Array, String, Number, Boolean, Symbol, BigInt, Map, Set, WeakMap, WeakSet, WeakRef, Promise, RegExp, Date, Error, TypeError, RangeError, ArrayBuffer, DataView, Uint8Array, getPrototypeOf(Uint8Array), DOMException, Iterator];
  const steps = [[][Symbol.iterator](), new Map()[Symbol.iterator](), ''[Symbol.iterator](), (function* () {})()];
  const objects = [Math, Reflect, JSON, Proxy, ...natives, ...natives.map((native) => native.prototype), ...steps.map(getPrototypeOf), getPrototypeOf(getPrototypeOf(steps[3]))];
  const installed = new Set(['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'AbortController', 'AbortSignal', 'Event', 'EventTarget', 'Intl', 'crypto', 'performance', 'Uint8Array', 'Uint32Array']);
  const globals = ownKeys(globalThis).filter((name) => !installed.has(name) && getOwnPropertyDescriptor(globalThis, name).configurable);
  const arrayPrototype = Array.prototype;
  const objectPrototype = Object.prototype;
  const trap = { get: evil, set: evil, configurable: true };
  for (let i = 0; i < objects.length; i++) {
    const keys = ownKeys(objects[i]);
    for (let k = 0; k < keys.length; k++) {
      const { configurable, value, get } = getOwnPropertyDescriptor(objects[i], keys[k]);
      if (!configurable || stay[keys[k]]) continue;
      if (typeof value === 'function') defineProperty(objects[i], keys[k], { value: evil });
      else if (get) defineProperty(objects[i], keys[k], { get: evil, set: evil });
    }
  }
  const root = globalThis;
  for (let i = 0; i < globals.length; i++) defineProperty(root, globals[i], { value: undefined });
  for (let i = 0; i < 3; i++) defineProperty(arrayPrototype, i, trap);
  defineProperty(objectPrototype, 'toJSON', { value: evil });
  defineProperty(objectPrototype, 'ok', { value: 'poisoned' });
  defineProperty(objectPrototype, 'error', { value: { name: 'Poisoned', message: '' } });
  defineProperty(objectPrototype, 'get', { value: evil });
`;

describe('the globals', () => {
  it('work on when the agent has replaced all of the language that it can reach', async () => {
    const guest = await createGuestVm();
    guest.run(`
      var bytes = [0xef, 0xbb, 0xbf, 0xe2, 0x82].reduce((list, byte, i) => { list[i] = byte; return list; }, new Uint8Array(5)).buffer;
      var more = new Uint8Array([0xac, 0x61]).buffer;
      var iterator = Symbol.iterator;
      var date = new Date(0);
      var numbers = [1.5, 2];
      var once = (first) => ({ [iterator]: () => { let given = false; return { next: () => { const done = given; given = true; return { done, value: first }; } }; } });
      var uses = ${USES};
      var run = () => { let text = ''; for (let i = 0; i < uses.length; i++) { let seen; try { seen = uses[i](); } catch (error) { seen = 'threw ' + (typeof error === 'string' ? error : error.message); } text += i + ': ' + seen + '\\n'; } return text; };
      for (const name of ['bytes', 'more', 'iterator', 'date', 'numbers', 'once', 'uses', 'run']) Object.defineProperty(globalThis, name, { configurable: false });
    `);
    const before = guest.text('run()');
    expect(before).not.toContain('threw');
    guest.run(`(() => { ${POISON} })()`);
    expect(guest.text(`(() => { try { [].push(1); return 'clean'; } catch (error) { return error; } })()`)).toBe(
      'poisoned',
    );
    expect(guest.text('run()')).toBe(before);
  });
});
