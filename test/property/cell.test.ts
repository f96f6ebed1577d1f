import { createContext, Script } from 'node:vm';

import { parse } from 'acorn';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isCodeModeError } from '../../src/errors/code-mode-error.ts';
import { mapLocation } from '../../src/guest/compile/column-map.ts';
import { compileCell } from '../../src/guest/compile/compile-cell.ts';
import { compileSkill } from '../../src/guest/compile/compile-skill.ts';
import { Edits } from '../../src/guest/compile/edits.ts';
import { positionAt } from '../../src/typescript/position.ts';
import { CellMachine } from '../guest/compile/cell-machine.ts';
import { cellPrograms } from './cell-program.ts';
import type { CellProgram } from './cell-program.ts';

/** Any value as text, alike in both engines. */
const SHOW = `globalThis.show = (value) => {
  if (typeof value === 'function') {
    try { return 'function ' + show(value(1)); } catch { return 'class ' + show(new value().get()); }
  }
  return Array.isArray(value) ? '[' + value.map(show).join() + ']' : typeof value === 'object' && value !== null ? '{' + Object.keys(value).map((key) => key + ':' + show(value[key])).join() + '}' : typeof value + ' ' + String(value);
};
globalThis.log = [];`;

interface Outcome {
  readonly value: unknown;
  readonly variables: readonly string[];
  readonly log: unknown;
}

/** How V8 evaluates the program: as strict scripts, whose completion values and variables are the reference. */
function reference({ plain, names, endsInDeclaration }: CellProgram, split: number): Outcome {
  const context = createContext({});
  const evaluate = (code: string): unknown => new Script(code).runInContext(context);
  evaluate(SHOW);
  const [first, second] = [plain.slice(0, split), plain.slice(split)];
  if (first.length > 0) evaluate(`'use strict'; ${first.join('\n')}`);
  const show = (value: unknown): unknown => {
    context['last'] = value;
    return evaluate('show(last)');
  };
  const value = evaluate(`'use strict'; void 0; ${second.join('\n')}`);
  return {
    value: endsInDeclaration ? undefined : show(value),
    variables: names.map((name) => String(evaluate(`show(${name})`))),
    log: JSON.stringify(evaluate('log')),
  };
}

async function actual({ typed, names, endsInDeclaration }: CellProgram, split: number): Promise<Outcome> {
  const machine = await CellMachine.create();
  try {
    machine.evaluate(SHOW);
    if (split > 0) machine.run(typed.slice(0, split).join('\n'));
    const result = machine.run(typed.slice(split).join('\n'));
    if (result.error !== undefined) throw new Error(`${result.error}\n${result.stack}`);
    machine.vm.withScope(() => machine.vm.setProp(machine.vm.global, 'last', machine.vm.hostToHandle(result.value)));
    return {
      value: endsInDeclaration ? result.value : machine.evaluate('show(last)'),
      variables: names.map((name) => String(machine.evaluate(`show(${name})`))),
      log: JSON.stringify(machine.evaluate('log')),
    };
  } finally {
    machine.vm.dispose();
  }
}

describe('a cell', () => {
  it('has the value and leaves the variables that JavaScript gives', async () => {
    await fc.assert(
      fc.asyncProperty(cellPrograms(), fc.nat(5), async (program, at) => {
        const split = Math.min(at, program.plain.length - 1);
        expect(await actual(program, split)).toEqual(reference(program, split));
      }),
      { numRuns: 300 },
    );
  });

  it('compiles to a script, or is refused with a position', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fragments()), (source) => {
        expect(misbehaviour(() => compileAsCell(source))).toBeUndefined();
        expect(misbehaviour(() => compileAsSkill(source))).toBeUndefined();
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the map of columns', () => {
  it('leads from every character of the generated code back to where it was', () => {
    const text = fc.array(fc.constantFrom('a', ' ', '\n', '\r\n', 'é', '名', '𝒳', '\t', 'bc'), { maxLength: 30 });
    const insertions = fc.array(fc.record({ at: fc.nat(30), text: fc.constantFrom('(', ';x=', 'void 0') }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(text, insertions, (parts, inserted) => {
        const code = parts.join('');
        const edits = new Edits(code);
        const boundaries = parts.reduce<number[]>((ends, part) => [...ends, (ends.at(-1) ?? 0) + part.length], [0]);
        const placed = inserted
          .map(({ at, text: what }) => ({ at: boundaries[at % boundaries.length] ?? 0, what }))
          .filter(({ at }) => code.slice(at - 1, at + 1) !== '\r\n');
        for (const { at, what } of placed) edits.insert(at, what);
        const { code: generated, map } = edits.apply('OPENING{');
        for (const offset of boundaries.slice(0, -1)) {
          const shift =
            'OPENING{'.length + placed.filter(({ at }) => at <= offset).reduce((sum, { what }) => sum + what.length, 0);
          const before = generated.slice(0, offset + shift).split('\n');
          const position = { line: before.length, column: Buffer.byteLength(before.at(-1) ?? '') + 1 };
          expect(mapLocation(map, position)).toEqual(positionAt(code, offset));
        }
      }),
    );
  });
});

/** What is wrong with how a source was compiled or refused. */
function misbehaviour(compile: () => string): unknown {
  try {
    parse(compile(), { ecmaVersion: 'latest', sourceType: 'script' });
  } catch (error) {
    const { line, column } = isCodeModeError(error) ? error.details : {};
    return typeof line === 'number' && typeof column === 'number' ? undefined : error;
  }
  return undefined;
}

function compileAsCell(source: string): string {
  return compileCell(source, { file: 'run-1.ts', reserved: ['tools'] }).code;
}

function compileAsSkill(source: string): string {
  return compileSkill(source, { file: 'skills/a.ts' }).code;
}

/** Text that is nearly code. */
function fragments(): fc.Arbitrary<string> {
  const parts = [
    'const ',
    'let ',
    'var ',
    'a',
    'b',
    ' = ',
    '1',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ';',
    ',',
    '\n',
    '=> ',
    'function ',
    'class ',
    'if ',
    'else ',
    'for ',
    'of ',
    'return ',
    'await ',
    'async ',
    'export ',
    'default ',
    'import ',
    'type ',
    'from ',
    "'x'",
    '`',
    '${',
    '/',
    '//',
    '/*',
    '*/',
    ': ',
    'any ',
    'as ',
    '<',
    '>',
    '!',
    '--',
    '.',
    '...',
    '?',
    'enum ',
    'using ',
    'try ',
    'catch ',
    'finally ',
    'switch ',
    'case ',
    'run',
    '#',
    '@',
    '\\u0061',
    'é',
    '\u2028',
    '\uD800',
    '\uFEFF',
    '\r',
    '{ a: 1, b: 2 }',
  ];
  return fc.array(fc.constantFrom(...parts), { maxLength: 25 }).map((chosen) => chosen.join(''));
}
