import fc from 'fast-check';

/** A primitive, or the object at some place of the graph. */
type Child = { readonly leaf: unknown } | { readonly to: number };

interface Node {
  readonly kind: (typeof KINDS)[number];
  readonly children: readonly (readonly [string, Child])[];
  readonly number: number;
}

const KINDS = [
  'array',
  'sparse',
  'object',
  'null-prototype',
  'map',
  'set',
  'date',
  'regexp',
  'error',
  'aggregate',
  'buffer',
  'view',
  'data-view',
] as const;
const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

const leaf = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    false,
    NaN,
    Infinity,
    -Infinity,
    0,
    -0,
    '',
    '__proto__',
    'toJSON',
    '\ud800',
    '["u"]',
  ),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc
    .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), fc.integer({ min: 400, max: 2_000 }))
    .map(([text, count]) => text.repeat(count)),
);
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toJSON',
    'then',
    'length',
    '0',
    '10',
    '4294967294',
    '4294967295',
    '-1',
    'name',
    'cause',
  ),
);
const child: fc.Arbitrary<Child> = fc.oneof(
  leaf.map((value) => ({ leaf: value })),
  fc.nat({ max: 30 }).map((to) => ({ to })),
);
const node: fc.Arbitrary<Node> = fc.record({
  kind: fc.constantFrom(...KINDS),
  children: fc.array(fc.tuple(key, child), { maxLength: 6 }),
  number: fc.nat({ max: 1_000 }),
});

/** Values of every kind that crosses, with objects shared and in cycles. */
export const graph: fc.Arbitrary<unknown> = fc.array(node, { minLength: 1, maxLength: 12 }).map(build);

/** Plain JSON data, or anything like it. */
export const data: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
);

function build(nodes: readonly Node[]): unknown {
  const buffer = new Uint8Array(64).map((_, i) => i * 3).buffer;
  const objects = nodes.map((spec) => create(spec, buffer));
  nodes.forEach((spec, i) => {
    const filled = objects[i];
    if (filled !== undefined) fill(filled, spec, (to) => ('leaf' in to ? to.leaf : objects[to.to % objects.length]));
  });
  return objects[0];
}

function create({ kind, number, children }: Node, shared: ArrayBuffer): object {
  switch (kind) {
    case 'array':
    case 'sparse':
      return [];
    case 'object':
      return {};
    case 'null-prototype':
      return { __proto__: null };
    case 'map':
      return new Map();
    case 'set':
      return new Set();
    case 'date':
      return new Date(number % 7 === 0 ? NaN : number * 1e9);
    case 'regexp':
      return new RegExp(number % 2 === 0 ? `a{${number}}` : '(?<x>[/\n])', number % 3 === 0 ? 'gi' : 'su');
    case 'error':
      return new (number % 2 === 0 ? TypeError : Error)(`error ${number}`);
    case 'aggregate':
      return new AggregateError([], `errors ${number}`);
    case 'buffer':
      return number % 2 === 0 ? shared : new Uint8Array(children.map(([text]) => text.length)).buffer;
    case 'view': {
      const View = VIEWS[number % VIEWS.length] ?? Uint8Array;
      return new View(shared, 8 * (number % 4), number % 3);
    }
    default:
      return new DataView(shared, number % 32, number % 16);
  }
}

function fill(object: object, { kind, children }: Node, resolve: (child: Child) => unknown): void {
  children.forEach(([name, to], i) => {
    const value = resolve(to);
    if (object instanceof Map) object.set(i % 2 === 0 ? name : value, value);
    else if (object instanceof Set) object.add(value);
    else if (Array.isArray(object)) object[kind === 'sparse' ? i * 3 + 1 : i] = value;
    else if (kind === 'object' || kind === 'null-prototype') define(object, name, value, true);
    else if (kind === 'error' && name !== 'message' && name !== 'name') define(object, name, value, name !== 'cause');
    else if (object instanceof AggregateError) object.errors.push(value);
  });
}

function define(object: object, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, name, { value, enumerable, writable: true, configurable: true });
}
