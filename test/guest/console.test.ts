import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { makeConsole } from '../../src/guest/console.ts';

interface Output {
  stdout: string;
  stderr: string;
}

type Use = (console: Readonly<Record<string, (...values: unknown[]) => void>>) => void;

/** What the guest's console writes. The clock goes a step further each time it is read. */
function guestOutput(use: Use, ticksMs: readonly number[] = [0]): Output {
  const output: Output = { stdout: '', stderr: '' };
  let reads = 0;
  const write = (stream: keyof Output, text: string): void => void (output[stream] += text);
  use(makeConsole({ write, now: () => ticksMs[reads++] ?? 0 }));
  return output;
}

/** What Node's console writes. */
function nodeOutput(use: Use): Output {
  const output: Output = { stdout: '', stderr: '' };
  const into = (stream: keyof Output): Writable =>
    new Writable({
      decodeStrings: false,
      write(chunk, _, done) {
        output[stream] += String(chunk);
        done();
      },
    });
  const node = new Console({ stdout: into('stdout'), stderr: into('stderr'), inspectOptions: { depth: 4 } });
  const methods: Record<string, (...values: unknown[]) => void> = {};
  for (const name of Object.keys(node)) {
    const method: unknown = Reflect.get(node, name);
    methods[name] = (...values) => void (typeof method === 'function' && Reflect.apply(method, node, values));
  }
  use(methods);
  return output;
}

class Money {
  toString(): string {
    return '5 EUR';
  }
}

const LINES: Record<string, readonly unknown[]> = {
  nothing: [],
  text: ['hello', 'world'],
  'text and values': ['a', 1, null, undefined, { a: [1] }, [new Map()], true, 5n, Symbol('s')],
  'a value first': [{ a: 1 }, 'text', '%s', 1],
  '%s of primitives': ['%s|%s|%s|%s|%s|%s', 'a', -0, 5n, null, undefined, Symbol('s')],
  '%s of objects': ['%s|%s|%s|%s', { a: { b: 1 } }, [1, [2]], new Date(0), new Money()],
  '%s of functions': ['%s|%s', () => 1, Money],
  '%d': ['%d|%d|%d|%d|%d', '42', 4.5, 5n, {}, Symbol('s')],
  '%i': ['%i|%i|%i|%i', '42.9px', 42.9, 5n, Symbol('s')],
  '%f': ['%f|%f|%f', '4.5px', 4, Symbol('s')],
  '%j': ['%j|%j', { a: [1, { toJSON: () => 'own' }] }, undefined],
  '%O': ['%O', { a: { b: { c: { d: {} } } } }],
  '%c': ['%ccolour', 'color: red'],
  '%%': ['100%% %s', 'sure'],
  'a lone %%': ['100%%'],
  'too few values': ['%s and %s', 'one'],
  'too many values': ['%s', 'one', 'two', { three: 3 }],
  'unknown directives': ['%x %s %', 'a', 'b'],
  'directives in values': ['%s %s', '%d', 5, '%s'],
  'a percent sign at the end': ['5%', 'x'],
};

const TABLES: Record<string, readonly unknown[]> = {
  'array of objects': [
    [
      { a: 1, b: 'x' },
      { a: 2, c: true },
    ],
  ],
  'objects and primitives': [[{ a: 1 }, 5, 'text', null]],
  'array of arrays': [[[1, 2], [3]]],
  'object of objects': [{ first: { a: 1 }, second: { a: { deep: {} }, b: [1, 2] } }],
  map: [
    new Map<unknown, unknown>([
      ['a', 1],
      [{ k: 1 }, { v: 2 }],
    ]),
  ],
  set: [new Set([1, 'two'])],
  'chosen columns': [[{ a: 1, b: 2 }, { b: 3 }], ['b']],
  'no rows': [[]],
  'a primitive': [5],
  'own __proto__': [[JSON.parse('{"__proto__": 1, "a": 2}')]],
};

describe('console', () => {
  it.each(Object.entries(LINES))('writes %s as Node does', (_, values) => {
    const use: Use = (console) => console['log']?.(...values);
    expect(guestOutput(use)).toEqual(nodeOutput(use));
  });

  it.each(Object.entries(TABLES))('draws a table of %s as Node does', (_, values) => {
    const use: Use = (console) => console['table']?.(...values);
    expect(guestOutput(use)).toEqual(nodeOutput(use));
  });

  it.each(['log', 'info', 'debug', 'warn', 'error'])('sends %s where Node does', (method) => {
    const use: Use = (console) => console[method]?.('text', { a: 1 });
    expect(guestOutput(use)).toEqual(nodeOutput(use));
  });

  it('indents what is in groups', () => {
    const use: Use = (console) => {
      console['groupEnd']?.();
      console['group']?.('outer %s', 1);
      console['log']?.('two\nlines');
      console['groupCollapsed']?.();
      console['error']?.('inner');
      console['groupEnd']?.();
      console['groupEnd']?.();
      console['log']?.('after');
    };
    expect(guestOutput(use)).toEqual(nodeOutput(use));
  });

  it('counts by label', () => {
    const use: Use = (console) => {
      console['count']?.();
      console['count']?.('b');
      console['count']?.();
      console['countReset']?.();
      console['count']?.();
    };
    expect(guestOutput(use)).toEqual(nodeOutput(use));
  });

  it('measures by label', () => {
    const output = guestOutput(
      (console) => {
        console['time']?.();
        console['timeLog']?.(undefined, 'so far', 1);
        console['timeLog']?.();
        console['timeLog']?.();
        console['timeEnd']?.();
        console['timeEnd']?.();
      },
      [0, 12.3456, 1_500, 125_250, 3_725_000],
    );
    expect(output.stdout).toBe(
      'default: 12.346ms so far 1\ndefault: 1.500s\ndefault: 2:05.250 (m:ss.mmm)\ndefault: 1:02:05 (h:mm:ss)\n',
    );
    expect(output.stderr).toBe("Warning: No such label 'default' for console.time()\n");
  });

  it('writes failed assertions only', () => {
    const use: Use = (console) => {
      console['assert']?.(true, 'not shown');
      console['assert']?.(false, 'a %s', 5);
      console['assert']?.(false);
      console['assert']?.(0, { a: 1 }, 'b');
    };
    expect(guestOutput(use)).toEqual(nodeOutput(use));
  });

  it('shows as many levels as dir is asked for', () => {
    const use: Use = (console) => {
      console['dir']?.({ a: { b: { c: 1 } } }, { depth: 0 });
      console['dir']?.({ a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }, { depth: null });
    };
    expect(guestOutput(use)).toEqual(nodeOutput(use));
  });

  it('traces to stderr, from the caller on', () => {
    function agentCode(console: Parameters<Use>[0]): void {
      console['trace']?.('here %s', 1);
    }
    const { stderr, stdout } = guestOutput(agentCode);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Trace: here 1\n {4}at agentCode /);
  });

  it('cuts each long value, saying so', () => {
    const { stdout } = guestOutput((console) =>
      console['log']?.('x'.repeat(100_000), ['y'.repeat(9_000), 'short'], 'end'),
    );
    expect(stdout).toContain('... 34464 more characters [');
    expect(stdout).toMatch(/ 'short'\n\] end\n$/);
    expect(stdout.length).toBeLessThan(80_000);
  });

  it('keeps two consoles apart', () => {
    const output = guestOutput((console) => console['count']?.());
    expect(guestOutput((console) => console['count']?.())).toEqual(output);
  });
});
