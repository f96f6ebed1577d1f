import { CAPS, OPERATIONS, URL_FIELDS } from '../globals/wire.ts';
import type { Operation } from '../globals/wire.ts';
import { capText, decodeText, decodeTexts } from './decode.ts';
import { intlOperations } from './intl-operations.ts';
import type { OperationHandler } from './intl-operations.ts';

/** Every operation by its name. A map of its own: a name that the guest sent is never looked up on a live object. */
export function createOperations(): ReadonlyMap<string, OperationHandler> {
  const handlers: Record<Operation, OperationHandler> = {
    'url.parse': ([url, base]) => {
      const text = decodeText(url, 'a URL', CAPS.url);
      return urlFields(base === null ? URL.parse(text) : URL.parse(text, decodeText(base, 'a base URL', CAPS.url)));
    },
    'url.set': ([href, field, value]) => {
      const text = decodeText(value, 'a part of a URL', CAPS.url);
      return urlFields(
        field === 'href' ? URL.parse(text) : withField(new URL(decodeText(href, 'a URL', CAPS.url)), field, text),
      );
    },
    'params.parse': ([query]) => [...new URLSearchParams(decodeText(query, 'a query', CAPS.params))].flat(),
    'params.serialize': ([list]) => new URLSearchParams(pairs(list)).toString(),
    'params.sort': ([list]) => {
      const params = new URLSearchParams(pairs(list));
      params.sort();
      return [...params].flat();
    },
    'text.encoding': ([label]) => new TextDecoder(decodeText(label, 'a label', CAPS.argumentText)).encoding,
    'time.origin': () => performance.timeOrigin,
    ...intlOperations(),
  };
  return new Map(OPERATIONS.map((name) => [name, handlers[name]]));
}

function urlFields(url: URL | null): readonly string[] | null {
  if (url === null) return null;
  capText(url.href, 'a URL', CAPS.url);
  return URL_FIELDS.map((field) => url[field]);
}

function withField(url: URL, field: unknown, value: string): URL {
  const known = URL_FIELDS.find((name) => name === field);
  if (known === undefined || known === 'origin') throw new TypeError('Cannot set that part of a URL');
  url[known] = value;
  return url;
}

function pairs(list: unknown): [string, string][] {
  const flat = decodeTexts(list, 'search parameters', CAPS.params);
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? '', flat[2 * i + 1] ?? '']);
}
