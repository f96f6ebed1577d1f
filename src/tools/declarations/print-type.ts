import type { JsonSchema, JsonSchemaObject } from '../../contracts/json-schema.ts';
import { isBytesSchema } from './bytes-schema.ts';
import { docComment, schemaDocLines } from './doc-comment.ts';
import {
  asSchema,
  isObject,
  pointerSegments,
  propertiesOf,
  resolveLocalRef,
  schemasIn,
  stringsIn,
} from './schema-reader.ts';
import { typeName } from './type-aliases.ts';
import type { TypeAliases } from './type-aliases.ts';

export interface PrintTypeOptions {
  /** Local `$ref`s become named types here. Default: they are printed in place, and `unknown` where they recur. */
  readonly aliases?: TypeAliases;
  /** What their names start with: `CurlGet`. */
  readonly aliasPrefix?: string;
  /** `lines`: one property a line, with doc comments. Default: `inline`, all on one line. */
  readonly layout?: 'inline' | 'lines';
  /** Indentation of the line that the type starts on, for `lines`. Default: none. */
  readonly indent?: string;
}

/** Deeper parts of a schema are printed as `unknown`. */
const MAX_DEPTH = 16;
/** So is what comes after that many parts: schemas come from strangers. */
const MAX_PARTS = 5_000;
const MAX_ENUM_VALUES = 200;

/** The TypeScript type of the values that a JSON Schema (drafts 4 to 2020-12, OpenAPI's `nullable`) accepts. */
export function printType(schema: JsonSchema, options: PrintTypeOptions = {}): string {
  return new TypePrinter(schema, options).print(schema, { depth: 0, indent: options.indent ?? '', alias: undefined })
    .text;
}

/** A property's name in a type or an object: quoted where it has to be. */
export function printPropertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/u.test(name) ? name : quote(name);
}

/** How tightly a printed type binds: what may stand before `[]`, in `&`, in `|`. */
type Binding = 'atom' | 'intersection' | 'union';

interface Printed {
  readonly text: string;
  readonly binding: Binding;
}

interface Place {
  readonly depth: number;
  readonly indent: string;
  /** The alias whose type this is, as long as no object or array lies between. */
  readonly alias: string | undefined;
}

const UNKNOWN = atom('unknown');
const NEVER = atom('never');

class TypePrinter {
  readonly #root: JsonSchema;
  readonly #options: PrintTypeOptions;
  readonly #openRefs = new Set<string>();
  #parts = 0;

  constructor(root: JsonSchema, options: PrintTypeOptions) {
    this.#root = root;
    this.#options = options;
  }

  print(schema: JsonSchema, place: Place): Printed {
    if (schema === false) return NEVER;
    if (!isObject(schema) || place.depth > MAX_DEPTH || this.#parts++ > MAX_PARTS) return UNKNOWN;
    if (isBytesSchema(schema)) return atom('Uint8Array');
    const inner = { ...place, depth: place.depth + 1 };
    const composed = intersection([
      ...(typeof schema['$ref'] === 'string' ? [this.#reference(schema['$ref'], inner)] : []),
      ...schemasIn(schema['allOf']).map((part) => this.print(part, inner)),
      ...[schema['anyOf'], schema['oneOf']]
        .map(schemasIn)
        .filter((parts) => parts.length > 0)
        .map((parts) => union(parts.map((part) => this.print(part, inner)))),
    ]);
    const own = this.#ownType(schema, place, composed !== UNKNOWN);
    const whole = intersection([own, composed]);
    return schema['nullable'] === true ? union([whole, atom('null')]) : whole;
  }

  /** The type without references and combinations. A bare `type: object` adds nothing to what those say. */
  #ownType(schema: JsonSchemaObject, place: Place, isComposed: boolean): Printed {
    if ('const' in schema) return literal(schema['const'], 0);
    const values: readonly unknown[] | undefined = Array.isArray(schema['enum']) ? schema['enum'] : undefined;
    if (values !== undefined && values.length <= MAX_ENUM_VALUES)
      return union(values.map((value) => literal(value, 0)));
    const types = typesOf(schema);
    if (types.length === 0 || (isComposed && isBareObject(schema, types))) return UNKNOWN;
    return union(types.map((type) => this.#typed(type, schema, place)));
  }

  #typed(type: string, schema: JsonSchemaObject, place: Place): Printed {
    switch (type) {
      case 'string':
      case 'boolean':
      case 'null':
      case 'number':
        return atom(type);
      case 'integer':
        return atom('number');
      case 'array':
        return this.#array(schema, { ...place, depth: place.depth + 1, alias: undefined });
      case 'object':
        return this.#object(schema, place);
      default:
        return UNKNOWN;
    }
  }

  #array(schema: JsonSchemaObject, place: Place): Printed {
    const isNewStyle = Array.isArray(schema['prefixItems']);
    const first = isNewStyle ? schema['prefixItems'] : schema['items'];
    if (!Array.isArray(first)) return atom(`${enclosed(this.print(asSchema(schema['items']), place), 'atom')}[]`);
    const rest = asSchema(isNewStyle ? schema['items'] : schema['additionalItems']);
    const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0;
    const most = typeof schema['maxItems'] === 'number' ? schema['maxItems'] : Infinity;
    const items = schemasIn(first)
      .slice(0, most)
      .map((item, index) =>
        index < least ? this.print(item, place).text : `${enclosed(this.print(item, place), 'atom')}?`,
      );
    if (rest !== false && most > items.length) items.push(`...${enclosed(this.print(rest, place), 'atom')}[]`);
    return atom(`[${items.join(', ')}]`);
  }

  #object(schema: JsonSchemaObject, place: Place): Printed {
    const inner = { depth: place.depth + 1, indent: `${place.indent}  `, alias: undefined };
    const required = new Set(stringsIn(schema['required']));
    const properties = new Map(propertiesOf(schema));
    for (const name of required) if (!properties.has(name)) properties.set(name, true);
    const members = [...properties].map(([name, property]) => {
      const type = this.print(property, inner);
      return {
        doc: schemaDocLines(property),
        text: `${printPropertyName(name)}${required.has(name) ? '' : '?'}: ${type.text}`,
        type,
      };
    });
    const index = this.#indexSignature(
      schema,
      members.map(({ type }) => type),
      inner,
      required.size < properties.size,
    );
    if (index !== undefined) members.push({ doc: [], text: index, type: UNKNOWN });
    if (members.length === 0) return atom('Record<string, never>');
    if (this.#options.layout !== 'lines') return atom(`{ ${members.map(({ text }) => text).join('; ')} }`);
    const lines = members.map(({ doc, text }) => `${docComment(doc, inner.indent)}${inner.indent}${text};\n`);
    return atom(`{\n${lines.join('')}${place.indent}}`);
  }

  /** TypeScript wants every property to fit the index signature: it takes in their types. */
  #indexSignature(
    schema: JsonSchemaObject,
    properties: readonly Printed[],
    place: Place,
    hasOptional: boolean,
  ): string | undefined {
    const patterns = isObject(schema['patternProperties'])
      ? Object.values(schema['patternProperties']).map(asSchema)
      : [];
    const additional = schema['additionalProperties'];
    const others =
      additional === undefined && (properties.length > 0 || patterns.length > 0) ? false : asSchema(additional ?? true);
    const schemas = others === false ? patterns : [...patterns, others];
    if (schemas.length === 0) return undefined;
    const optional = hasOptional ? [atom('undefined')] : [];
    const type = union([...schemas.map((part) => this.print(part, place)), ...properties, ...optional]);
    return `[key: string]: ${type.text}`;
  }

  #reference(ref: string, place: Place): Printed {
    const target = resolveLocalRef(this.#root, ref);
    if (target === undefined) return UNKNOWN;
    const { aliases, aliasPrefix = '' } = this.#options;
    if (aliases === undefined) return this.#expand(ref, target, place);
    const wish = typeName(aliasPrefix, ref === '#' ? 'Value' : (pointerSegments(ref).at(-1) ?? ''));
    const name = aliases.nameOf({
      root: this.#root,
      ref,
      name: wish,
      print: (taken) => this.print(target, { depth: 0, indent: '', alias: taken }).text,
    });
    return place.alias === undefined || aliases.useDirectly(place.alias, name) ? atom(name) : UNKNOWN;
  }

  #expand(ref: string, target: JsonSchema, place: Place): Printed {
    if (this.#openRefs.has(ref)) return UNKNOWN;
    this.#openRefs.add(ref);
    const printed = this.print(target, place);
    this.#openRefs.delete(ref);
    return printed;
  }
}

function typesOf(schema: JsonSchemaObject): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return stringsIn(type);
  if (isObject(schema['properties']) || isObject(schema['patternProperties'])) return ['object'];
  return schema['items'] !== undefined || schema['prefixItems'] !== undefined ? ['array'] : [];
}

function isBareObject(schema: JsonSchemaObject, types: readonly string[]): boolean {
  const adds = ['properties', 'patternProperties', 'additionalProperties', 'required'].some(
    (keyword) => schema[keyword] !== undefined,
  );
  return types.length === 1 && types[0] === 'object' && !adds;
}

function literal(value: unknown, depth: number): Printed {
  if (typeof value === 'string') return atom(quote(value));
  if (value === null || typeof value === 'boolean') return atom(String(value));
  if (typeof value === 'number') return Number.isFinite(value) ? atom(String(value)) : atom('number');
  if (depth > MAX_DEPTH) return UNKNOWN;
  if (Array.isArray(value)) return atom(`[${value.map((item) => literal(item, depth + 1).text).join(', ')}]`);
  if (!isObject(value)) return UNKNOWN;
  const members = Object.entries(value).map(
    ([name, member]) => `${printPropertyName(name)}: ${literal(member, depth + 1).text}`,
  );
  return atom(members.length === 0 ? 'Record<string, never>' : `{ ${members.join('; ')} }`);
}

/** As a string of the language; what could break a line or reorder text is escaped. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function union(parts: readonly Printed[]): Printed {
  if (parts.some(({ text }) => text === 'unknown')) return UNKNOWN;
  const kept = distinct(parts.filter(({ text }) => text !== 'never'));
  const [only] = kept;
  if (only === undefined) return NEVER;
  return kept.length === 1 ? only : { text: kept.map((part) => part.text).join(' | '), binding: 'union' };
}

function intersection(parts: readonly Printed[]): Printed {
  if (parts.some(({ text }) => text === 'never')) return NEVER;
  const kept = distinct(parts.filter(({ text }) => text !== 'unknown'));
  const [only] = kept;
  if (only === undefined) return UNKNOWN;
  return kept.length === 1
    ? only
    : { text: kept.map((part) => enclosed(part, 'intersection')).join(' & '), binding: 'intersection' };
}

function distinct(parts: readonly Printed[]): Printed[] {
  return [...new Map(parts.map((part) => [part.text, part])).values()];
}

const TIGHTNESS: Readonly<Record<Binding, number>> = { atom: 2, intersection: 1, union: 0 };

/** In parentheses where it binds less tightly than its surroundings need. */
function enclosed(printed: Printed, needed: Binding): string {
  return TIGHTNESS[printed.binding] < TIGHTNESS[needed] ? `(${printed.text})` : printed.text;
}

function atom(text: string): Printed {
  return { text, binding: 'atom' };
}
