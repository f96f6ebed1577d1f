import { describe, expect, it } from 'vitest';
import { readCallArguments } from '../../src/cli/call-arguments.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    count: { type: 'integer' },
    loud: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    sizes: { type: 'array', items: { type: 'number' } },
    input: { anyOf: [{ type: 'string' }, { type: 'object' }] },
    filter: { type: 'object' },
  },
};

function read(...words: string[]): Record<string, unknown> {
  return readCallArguments(words, undefined, SCHEMA);
}

describe('readCallArguments', () => {
  it('reads values as the schema asks', () => {
    expect(read('text=5', 'count=5', 'loud=true', 'input={}', 'filter={"a":1}')).toEqual({
      text: '5',
      count: 5,
      loud: true,
      input: '{}',
      filter: { a: 1 },
    });
  });

  it('makes lists', () => {
    expect(read('tags=1', 'sizes=1', 'sizes=2.5', 'text=a', 'text=b')).toEqual({
      tags: ['1'],
      sizes: [1, 2.5],
      text: ['a', 'b'],
    });
    expect(read('sizes:=[1,2]', 'tags:="a"')).toEqual({ sizes: [1, 2], tags: ['a'] });
  });

  it('leaves what does not fit to the tool', () => {
    expect(read('count=many', 'other=1', 'loud=')).toEqual({ count: 'many', other: '1', loud: '' });
  });

  it('keeps text whole, whatever stands in it', () => {
    expect(read('text=a=b:=c', 'text2=line\nline', 'count:=null')).toEqual({
      text: 'a=b:=c',
      text2: 'line\nline',
      count: null,
    });
  });

  it('puts words over --args, and takes __proto__ for a name', () => {
    expect(readCallArguments(['count=2'], '{"count":1,"text":"x"}', SCHEMA)).toEqual({ count: 2, text: 'x' });
    const args = read('__proto__:={"polluted":true}');
    expect(Object.keys(args)).toEqual(['__proto__']);
    expect(Reflect.get(args, 'polluted')).toBeUndefined();
  });

  it.each([['novalue'], ['=x'], ['a:={']])('refuses %s', (word) => {
    expect(() => read(word)).toThrow(/^Cannot read the argument/);
  });

  it.each([['[1]'], ['1'], ['{']])('refuses --args %s', (json) => {
    expect(() => readCallArguments([], json, SCHEMA)).toThrow(/^Cannot read --args/);
  });
});
