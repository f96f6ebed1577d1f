import * as fc from 'fast-check';
import { posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isCodeModeError } from '../../src/errors/code-mode-error.ts';
import {
  artifactNameProblem,
  checkArtifactName,
  skillNameProblem,
  toolFileNameProblem,
} from '../../src/storage/names.ts';

/** Pieces that names are attacked with, between pieces of any text. */
const piece = fc.oneof(
  fc.constantFrom('..', '.', '/', '\\', ':', 'C:', '\0', ' ', 'nul', 'con', '.json', '~', '%2e', '\u202e', '\ud800'),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const hostile = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

describe('artifact names', () => {
  it('that are taken stay below the root, on every system, and are one text', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        fc.pre(artifactNameProblem(name) === undefined);
        expect(posix.join('/root', name)).toBe(`/root/${name}`);
        expect(posix.normalize(name)).toBe(name);
        expect(win32.resolve('C:\\root', name)).toBe(`C:\\root\\${name.replaceAll('/', '\\')}`);
        expect(name.normalize('NFC')).toBe(name);
        expect(Buffer.from(name).toString()).toBe(name);
        expect(checkArtifactName(name).join('/')).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that are refused give INVALID_NAME, whatever they are', () => {
    const anything = fc.oneof(hostile, fc.anything({ withNullPrototype: true, withBigInt: true }));
    fc.assert(
      fc.property(anything, (name) => {
        fc.pre(artifactNameProblem(name) !== undefined);
        let thrown: unknown;
        try {
          checkArtifactName(name);
        } catch (error) {
          thrown = error;
        }
        expect(isCodeModeError(thrown, 'INVALID_NAME')).toBe(true);
        expect(String(thrown).length).toBeLessThan(1_000);
      }),
    );
  });

  it('have up to 255 bytes a segment and 1,000 in all', () => {
    expect(artifactNameProblem('x'.repeat(255))).toBeUndefined();
    expect(artifactNameProblem('x'.repeat(256))).toContain('255');
    expect(artifactNameProblem(`${'x/'.repeat(499)}xx`)).toBeUndefined();
    expect(artifactNameProblem(`${'x/'.repeat(500)}x`)).toContain('1000');
  });

  it('are taken in every script', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\p{L}\p{N}]{1,20}$/u), (name) => {
        const composed = name.normalize('NFC');
        fc.pre(!/^(?:con|prn|aux|nul|com\d|lpt\d)$/iu.test(composed));
        expect(artifactNameProblem(composed)).toBeUndefined();
      }),
    );
  });
});

describe('skill names', () => {
  it('that are taken are identifiers that no object has', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.stringMatching(/^[\w$]{1,12}$/)), (name) => {
        fc.pre(skillNameProblem(name) === undefined);
        expect(name).toMatch(/^[A-Za-z$][\w$]*$/);
        expect(name in {}).toBe(false);
        expect(artifactNameProblem(`${name}.ts`)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    'list',
    'search',
    'get',
    'invoke',
    'create',
    'delete',
    'then',
    '__proto__',
    'constructor',
    '_x',
    'com1',
    'AUX',
  ])('%s is refused', (name) => {
    expect(skillNameProblem(name)).toBeDefined();
  });
});

describe('names of tool files', () => {
  it('are artifact names that end with .yaml or .yml, in no folder', () => {
    for (const name of ['curl.yaml', 'git log.yml', 'é.yaml']) expect(toolFileNameProblem(name)).toBeUndefined();
    for (const name of ['curl', '.curl.yaml', 'a/b.yaml', 'curl.yaml~', '../x.yaml', 'nul.yaml', '', 7]) {
      expect(toolFileNameProblem(name)).toBeDefined();
    }
  });
});
