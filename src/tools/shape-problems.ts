import * as z from 'zod';
import { nearestNames } from '../errors/nearest.ts';
import type { DocumentPath, ToolDocument } from './tool-document.ts';
import type { ToolProblem } from './tool-problem.ts';

const MAX_SHOWN_CHARS = 60;

/** What zod found wrong with a tool file, in the file's own terms and with the place of each. */
export function shapeProblems(
  shape: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  document: ToolDocument,
): ToolProblem[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey(shape, [...issue.path, key], document))
      : [wrongValue(issue, document)],
  );
}

/** `"long"`, `12`, `a list`: a value of a tool file as a message quotes it. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a block of keys';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}...` : text;
}

/** `schema.options.silent`; `the file` for the whole. */
export function showPath(path: DocumentPath): string {
  return path.length === 0 ? 'the file' : path.map(String).join('.');
}

/** ` (did you mean "silent"?)`, or nothing when no candidate is near. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const [nearest] = nearestNames(name, candidates, 1);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

function unknownKey(shape: z.ZodType, path: DocumentPath, document: ToolDocument): ToolProblem {
  const key = String(path.at(-1));
  const known = keysAt(shape, path.slice(0, -1));
  const near = didYouMean(key, known);
  const elsewhere = near === '' ? placesOf(shape, key) : [];
  const expected = elsewhere.length > 0 ? `it under ${elsewhere.join(' or ')}` : `${known.join(', ')}${near}`;
  return document.problem(path, `${showPath(path)}: unknown key`, expected, 'key');
}

function wrongValue(issue: z.core.$ZodIssue, document: ToolDocument): ToolProblem {
  const value = valueAt(document.data, issue.path);
  if (issue.code === 'invalid_key') {
    return document.problem(
      issue.path,
      `${showPath(issue.path)}: bad name`,
      issue.issues[0]?.message ?? issue.message,
      'key',
    );
  }
  const found = value === undefined && issue.path.length > 0 ? 'is missing' : `got ${showValue(value)}`;
  return document.problem(issue.path, `${showPath(issue.path)}: ${found}`, expectedBy(issue, value));
}

function expectedBy(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeName(issue.expected);
    case 'invalid_value': {
      const values = issue.values.map(String);
      return `${values.length > 1 ? 'one of ' : ''}${values.join(', ')}${typeof value === 'string' ? didYouMean(value, values) : ''}`;
    }
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      return issue.message; // the shapes give their own words here
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a block of keys',
  record: 'a block of keys',
};

function typeName(type: string): string {
  return TYPE_NAMES[type] ?? type;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}

function valueAt(data: unknown, path: DocumentPath): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function keysAt(shape: unknown, path: DocumentPath): string[] {
  let part = unwrap(shape);
  for (const key of path) part = unwrap(childOf(part, key));
  return part instanceof z.ZodObject ? Object.keys(part.shape) : [];
}

function childOf(shape: unknown, key: PropertyKey): unknown {
  if (shape instanceof z.ZodObject) return Reflect.get(shape.shape, key);
  if (shape instanceof z.ZodRecord) return shape.valueType;
  return shape instanceof z.ZodArray ? shape.element : undefined;
}

function unwrap(shape: unknown): unknown {
  let part = shape;
  while (part instanceof z.ZodOptional || part instanceof z.ZodNullable) part = part.unwrap();
  return part;
}

/** Where a shape has a key of that name: `schema`, `schema.options.<name>`. */
function placesOf(shape: unknown, key: string, path: readonly string[] = []): string[] {
  const part = unwrap(shape);
  if (part instanceof z.ZodRecord) return placesOf(part.valueType, key, [...path, '<name>']);
  if (part instanceof z.ZodArray) return placesOf(part.element, key, path);
  if (!(part instanceof z.ZodObject)) return [];
  const here = path.length > 0 && key in part.shape ? [path.join('.')] : [];
  return [...here, ...Object.entries(part.shape).flatMap(([name, child]) => placesOf(child, key, [...path, name]))];
}
