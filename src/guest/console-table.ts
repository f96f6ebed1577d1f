import {
  createObject,
  hasOwn,
  isArray,
  isRecord,
  mapForEach,
  mapSize,
  newList,
  objectKeys,
  setForEach,
  setSize,
} from '../protocol/codec/intrinsics.ts';
import { kindOf } from '../protocol/codec/kinds.ts';
import { inspect } from './inspect.ts';
import { contains, padEnd, plural, repeat } from './text.ts';

/** Rows and columns shown of a table. */
const MAX_ROWS = 1_000;
const MAX_COLUMNS = 50;
/** UTF-16 code units; a longer cell shows what kind of value it has. */
const MAX_CELL = 80;

interface Column {
  readonly title: string;
  /** One a row; '' where the row has no such property. */
  readonly cells: string[];
}

/** The rows of a table. */
interface Rows {
  /** The columns in front: where the row comes from. */
  readonly front: Column[];
  readonly values: unknown[];
  /** Rows in all. */
  readonly count: number;
  /** The values stand in one column, not their properties in one each. */
  readonly isFlat: boolean;
}

/** What `console.table` prints of an object. `properties`: the columns, where they are chosen. */
export function formatTable(data: object, properties?: unknown): string {
  const { front: columns, values, count, isFlat } = rowsOf(data);
  const chosen = isArray(properties) ? properties : undefined;
  const names = isFlat ? [] : (chosen ?? propertyNames(values));
  for (let i = 0; i < names.length && i < MAX_COLUMNS; i++) add(columns, propertyColumn(values, '' + names[i]));
  const rest = column('Values');
  for (let i = 0; i < values.length; i++) add(rest.cells, isRecord(values[i]) && !isFlat ? '' : cell(values[i]));
  if (isFlat || (chosen === undefined && hasText(rest))) add(columns, rest);
  const table = draw(columns, values.length);
  return values.length === count ? table : table + '\n... ' + plural(count - values.length, 'more row');
}

function rowsOf(data: object): Rows {
  const kind = kindOf(data);
  const index = column(kind === 'Map' || kind === 'Set' ? '(iteration index)' : '(index)');
  const front = list(index);
  const values: unknown[] = newList();
  const addRow = (name: string, value: unknown): boolean =>
    values.length < MAX_ROWS && add(index.cells, name) && add(values, value);
  if (kind === 'Map') {
    const keys = column('Key');
    add(front, keys);
    mapForEach(data, (value, key) => addRow('' + values.length, value) && add(keys.cells, cell(key)));
    return { front, values, count: mapSize(data), isFlat: true };
  }
  if (kind === 'Set') {
    setForEach(data, (value) => addRow('' + values.length, value));
    return { front, values, count: setSize(data), isFlat: true };
  }
  const names = objectKeys(data);
  for (let i = 0; i < names.length && i < MAX_ROWS; i++) {
    const name = names[i] ?? '';
    addRow(name, isRecord(data) ? data[name] : undefined);
  }
  return { front, values, count: names.length, isFlat: false };
}

/** The properties of all rows, in the order in which they appear. */
function propertyNames(values: readonly unknown[]): string[] {
  const names: string[] = newList();
  const seen = createObject(null);
  for (let i = 0; i < values.length && names.length < MAX_COLUMNS; i++) {
    const row = values[i];
    if (!isRecord(row)) continue;
    const keys = objectKeys(row);
    for (let j = 0; j < keys.length && names.length < MAX_COLUMNS; j++) {
      const key = keys[j] ?? '';
      if (seen[key] === undefined) add(names, key);
      seen[key] = true;
    }
  }
  return names;
}

function propertyColumn(values: readonly unknown[], name: string): Column {
  const result = column(name);
  for (let i = 0; i < values.length; i++) {
    const row = values[i];
    add(result.cells, isRecord(row) && hasOwn(row, name) ? cell(row[name]) : '');
  }
  return result;
}

function cell(value: unknown): string {
  const text = inspect(value, { depth: 0 });
  return contains(text, '\n') || text.length > MAX_CELL ? inspect(value, { depth: -1, maxLength: MAX_CELL }) : text;
}

function draw(columns: readonly Column[], rowCount: number): string {
  const widths: number[] = newList();
  for (let i = 0; i < columns.length; i++) add(widths, widthOf(columns[i]));
  let text =
    rule(widths, '┌', '┬', '┐') + '\n' + rowText(columns, widths, -1) + '\n' + rule(widths, '├', '┼', '┤') + '\n';
  for (let i = 0; i < rowCount; i++) text += rowText(columns, widths, i) + '\n';
  return text + rule(widths, '└', '┴', '┘');
}

function widthOf(shown: Column | undefined): number {
  let width = shown?.title.length ?? 0;
  const cells = shown?.cells ?? newList<string>();
  for (let i = 0; i < cells.length; i++) {
    const length = cells[i]?.length ?? 0;
    if (length > width) width = length;
  }
  return width + 2;
}

function rule(widths: readonly number[], left: string, middle: string, right: string): string {
  let text = left;
  for (let i = 0; i < widths.length; i++) text += (i === 0 ? '' : middle) + repeat('─', widths[i] ?? 0);
  return text + right;
}

/** The row at an index; -1 is the header. */
function rowText(columns: readonly Column[], widths: readonly number[], index: number): string {
  let text = '│';
  for (let i = 0; i < columns.length; i++) {
    const content = index === -1 ? columns[i]?.title : columns[i]?.cells[index];
    text += padEnd(' ' + (content ?? ''), widths[i] ?? 0) + '│';
  }
  return text;
}

function column(title: string): Column {
  return { title, cells: newList() };
}

function hasText(shown: Column): boolean {
  for (let i = 0; i < shown.cells.length; i++) {
    if (shown.cells[i] !== '') return true;
  }
  return false;
}

function list<T>(first: T): T[] {
  const result: T[] = newList();
  add(result, first);
  return result;
}

function add<T>(target: T[], value: T): true {
  target[target.length] = value;
  return true;
}
