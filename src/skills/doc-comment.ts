/** What a doc comment says. */
export interface DocComment {
  /** Its first paragraph, on one line. */
  readonly description: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly tags: readonly string[];
}

const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/u;
/** Control characters, and the ones that reorder text: a comment must not make code look like what it is not. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/gu;
const BLOCK_TAG = /^@([A-Za-z]+)\s*(.*)$/su;
/** `{type} [name=default] - text`: type, brackets, default and dash may be missing. */
const PARAMETER =
  /^(?:\{[^{}]*\}\s*)?\[?(?:\.\.\.)?([\p{ID_Start}$_][\p{ID_Continue}$.]*)(?:=[^\]]*)?\]?\s*(?:[-–—:]\s*)?(.*)$/su;

/** @param text what stands between the first slash-star and the last star-slash, with the second star */
export function parseDocComment(text: string): DocComment {
  const [lead = [], ...blocks] = blocksOf(linesOf(text));
  const parameters = new Map<string, string>();
  const tags = new Set<string>();
  let paragraph = firstParagraph(lead);
  for (const block of blocks) {
    const [, tag = '', rest = ''] = BLOCK_TAG.exec(firstParagraph(block)) ?? [];
    if (tag === 'tags') for (const word of rest.split(/[\s,]+/).filter((each) => each !== '')) tags.add(word);
    if (tag === 'description' && paragraph === '') paragraph = rest;
    if (tag !== 'param') continue;
    const [, name = '', description = ''] = PARAMETER.exec(rest) ?? [];
    if (name !== '' && description !== '' && !parameters.has(name)) parameters.set(name, unescapeText(description));
  }
  return { description: unescapeText(paragraph), parameters, tags: [...tags] };
}

/** A doc comment of this text, with nothing in it that ends the comment; `''` when the text is empty. */
export function printDocComment(text: string, indent = ''): string {
  const lines = text.split(LINE_BREAK).map((line) => line.replaceAll(UNPRINTABLE, ' ').replaceAll('*/', '*\\/').trim());
  while (lines.at(-1) === '') lines.pop();
  while (lines[0] === '') lines.shift();
  if (lines.length === 0) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

/** Text in which no line reads as a tag or as the star of a comment. */
export function escapeTags(text: string): string {
  return text
    .split(LINE_BREAK)
    .map((line) => line.trim().replace(/^(?=[@*])/, '\\'))
    .join('\n');
}

function unescapeText(text: string): string {
  return text.replaceAll('*\\/', '*/').replaceAll(/(^| )\\(?=[@*])/g, '$1');
}

/** Without the star, and the row of stars, that lines begin with. */
function linesOf(text: string): string[] {
  return text
    .replace(/^\*+/, '')
    .split(LINE_BREAK)
    .map((line, index) =>
      index === 0
        ? line.trim()
        : line
            .trim()
            .replace(/^\*+(?:\s|$)/, '')
            .trim(),
    );
}

/** The lines before the first tag; then each tag with the lines that go on with it. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [[]];
  for (const line of lines) {
    if (BLOCK_TAG.test(line)) blocks.push([line]);
    else blocks.at(-1)?.push(line);
  }
  return blocks;
}

function firstParagraph(lines: readonly string[]): string {
  const start = lines.findIndex((line) => line !== '');
  if (start === -1) return '';
  const end = lines.indexOf('', start);
  return lines.slice(start, end === -1 ? undefined : end).join(' ');
}
