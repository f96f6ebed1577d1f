import fc from 'fast-check';
import { describe, it } from 'vitest';

import { createGuestVm, expectSame } from './guest-vm.ts';

const guest = await createGuestVm();

const GRANULARITIES = ['grapheme', 'word', 'sentence'];
const TEXTS = [
  '',
  'Hello, wörld! How are you?',
  '👩‍👩‍👧 flags 🇩🇪🇫🇷',
  'ภาษาไทยง่ายนิดเดียว',
  '日本語の文章を分割する。はい。',
  'a\ud800b \udc00',
  'a\0b',
  'e\u0301\r\n x',
];

function segmenter(granularity: string, text: string): string {
  return `new Intl.Segmenter('en', { granularity: '${granularity}' }).segment(${JSON.stringify(text)})`;
}

describe('Intl.Segmenter', () => {
  it('cuts as Node does', () => {
    expectSame(
      guest,
      GRANULARITIES.flatMap((granularity) =>
        TEXTS.flatMap((text) => [
          `[...${segmenter(granularity, text)}]`,
          `[0, 3, 7, -1, 100, 1.9, -0.5, NaN, '2', undefined, Infinity, -Infinity].map((index) => ${segmenter(granularity, text)}.containing(index))`,
        ]),
      ),
    );
  });

  it('cuts any text as Node does', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('a', ' ', '.', '\u0301', '\u200d', '👩', '🇩', 'ก', '日', '한', '\r', '\n', '1'), {
          maxLength: 30,
        })
        .map((units) => units.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...GRANULARITIES), text, fc.nat(30), (granularity, input, index) => {
        expectSame(guest, [
          `[...${segmenter(granularity, input)}]`,
          `${segmenter(granularity, input)}.containing(${index})`,
        ]);
      }),
      { numRuns: 200 },
    );
  });

  it('goes on after the segments that one call answers', () => {
    const long = `'ab ก日 '.repeat(3000)`;
    expectSame(
      guest,
      GRANULARITIES.map(
        (granularity) =>
          `[...new Intl.Segmenter('en', { granularity: '${granularity}' }).segment(${long})].map(({ segment, index, isWordLike }) => segment + index + isWordLike).join('|')`,
      ),
    );
  });

  it('has the objects of the native one', () => {
    expectSame(guest, [
      `(() => { const segments = new Intl.Segmenter('en').segment('ab'); const steps = segments[Symbol.iterator](); return [Object.prototype.toString.call(steps), Object.prototype.toString.call(segments), steps[Symbol.iterator]() === steps, steps.next(), steps.next(), steps.next(), steps.next(), Reflect.ownKeys(Object.getPrototypeOf(segments)).map(String), Reflect.ownKeys(Object.getPrototypeOf(steps)).map(String)]; })()`,
      '[...new Intl.Segmenter().segment()]',
      'new Intl.Segmenter().segment(Symbol())',
      `new Intl.Segmenter('en', { granularity: 'x' })`,
      `new Intl.Segmenter('en', { granularity: 'word' }).resolvedOptions()`,
      `Intl.Segmenter.prototype.segment.call({}, 'a')`,
    ]);
  });
});
