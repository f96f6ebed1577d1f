import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeTags, parseDocComment, printDocComment } from '../../src/skills/doc-comment.ts';

describe('parseDocComment', () => {
  it.each([
    ['one line', '* Text. ', 'Text.'],
    ['several lines', '*\n * One\n * two.\n ', 'One two.'],
    ['lines without stars', '*\n  One\n  two.\n', 'One two.'],
    ['the first paragraph alone', '* One.\n *\n * Two.', 'One.'],
    ['the first paragraph after empty lines', '*\n *\n *\n * One.', 'One.'],
    ['a list', '*\n * * one\n * * two', '* one * two'],
    ['Windows line ends', '*\r\n * One\r\n * two.\r\n ', 'One two.'],
    ['nothing before the tags', '*\n * @param a b\n', ''],
    ['a description tag', '*\n * @description One\n * two.\n * @param a b', 'One two.'],
    ['an address with an at sign', '* Writes to me@example.com', 'Writes to me@example.com'],
    ['nothing', '*', ''],
  ])('describes by %s', (_, text, description) => {
    expect(parseDocComment(text).description).toBe(description);
  });

  it.each([
    ['@param name text', 'name', 'text'],
    ['@param name - text - more', 'name', 'text - more'],
    ['@param {string} name - text', 'name', 'text'],
    ['@param {string} [name=1] text', 'name', 'text'],
    ['@param [name] text', 'name', 'text'],
    ['@param ...name text', 'name', 'text'],
    ['@param name\n *   text', 'name', 'text'],
    ['@param größe_1 text', 'größe_1', 'text'],
    ['@param options.name text', 'options.name', 'text'],
  ])('reads %j', (text, name, description) => {
    expect([...parseDocComment(`*\n * ${text}`).parameters]).toEqual([[name, description]]);
  });

  it.each(['@param', '@param name', '@param - text', '@param 7 text', '@parameter name text'])('ignores %j', (text) => {
    expect(parseDocComment(`* ${text}`).parameters.size).toBe(0);
  });

  it('reads tags, from one line or several', () => {
    expect(parseDocComment('* @tags a, b c\n * @tags c\n * @returns x').tags).toEqual(['a', 'b', 'c']);
  });
});

describe('printDocComment', () => {
  it.each([
    ['Text', '/** Text */\n'],
    ['One\nTwo', '/**\n * One\n * Two\n */\n'],
    ['\n\n', ''],
    ['ends */ here', '/** ends *\\/ here */\n'],
    ['bell\u0007 and \u202Eturned', '/** bell  and  turned */\n'],
  ])('prints %j', (text, printed) => {
    expect(printDocComment(text)).toBe(printed);
  });

  it('prints what is read again as it was, whatever it is', () => {
    const lines = fc.array(
      fc.string({ unit: fc.constantFrom('*', '/', '@', 'p', ' ', '\\', '\t', '{', '`', 'é', '\u2028') }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(lines, (given) => {
        const comment = printDocComment(escapeTags(given.join('\n')));
        fc.pre(comment !== '');
        expect(comment.indexOf('*/')).toBe(comment.length - 3);
        const { description, parameters, tags } = parseDocComment(comment.slice(2, -3));
        expect([parameters.size, tags.length]).toEqual([0, 0]);
        const words = description.split(/\s+/).filter((word) => word !== '');
        const paragraph = given
          .join('\n')
          .split(/\n|\u2028/)
          .map((line) => line.trim());
        const start = paragraph.findIndex((line) => line !== '');
        const end = paragraph.indexOf('', start);
        const first = paragraph.slice(start, end === -1 ? undefined : end).join(' ');
        // A backslash before a slash or an at sign is how these are written in a comment: it may be read as that.
        fc.pre(!first.includes('\\'));
        expect(words).toEqual(first.split(/\s+/).filter((word) => word !== ''));
      }),
      { numRuns: 500 },
    );
  });
});
