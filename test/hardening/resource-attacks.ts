import type { Attack } from './attack.ts';

const short = { cpuTimeMs: 300 };

export const CPU: readonly Attack[] = [
  {
    name: 'many short native operations',
    code: "const a = new Array(3e5).fill(7); for (let i = 0; i < 20; i++) a.join('')",
    ends: ['CPU_LIMIT'],
    options: { cpuTimeMs: 100 },
  },
  { name: 'endless loop', code: 'while (true) {}', ends: ['CPU_LIMIT'], options: short },
  {
    name: 'endless loop that catches everything',
    code: 'for (;;) { try { for (;;) {} } catch {} finally { for (;;) {} } }',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'endless microtasks',
    code: 'const again = () => Promise.resolve().then(again); await again()',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'endless microtasks that nobody awaits',
    code: '(async () => { for (;;) await null })(); 1',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'endless async generator',
    code: 'async function* f() { for (;;) yield 1 }; for await (const x of f()) {}',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'endless timers of no delay',
    code: 'await new Promise(() => { setInterval(() => { for (let i = 0; i < 1e6; i++); }, 0) })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'catastrophic regular expression',
    code: '/^(a+)+$/.test("a".repeat(40) + "b")',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'sort whose comparison never ends',
    code: '[3, 1, 2].sort(() => { for (;;); })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'JSON.stringify whose toJSON never ends',
    code: 'JSON.stringify({ toJSON() { for (;;); } })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'JSON.parse whose reviver never ends',
    code: 'JSON.parse("[1]", () => { for (;;); })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'replace whose callback never ends',
    code: '"a".replace("a", () => { for (;;); })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'spread of an endless iterator',
    code: '[...{ *[Symbol.iterator]() { for (;;) yield } }]',
    ends: ['CPU_LIMIT', 'MEMORY_LIMIT'],
    options: short,
  },
  {
    name: 'loops in the constructors of promises, which swallow an interruption',
    code: 'for (;;) new Promise(() => { for (;;); })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'loops in async functions that nobody awaits',
    code: 'const spin = async (): Promise<void> => { for (;;) new Promise(() => { spin() }) }; for (;;) spin()',
    ends: ['CPU_LIMIT', 'STACK_LIMIT', 'MEMORY_LIMIT'],
    options: short,
  },
  {
    name: 'loops in async generators, timers and reactions at once',
    code: 'const f = async function* () { for (;;) { try { yield* f() } finally { for (;;); } } }; setInterval(() => { for (;;); }, 0); for await (const x of f()) {}',
    ends: ['CPU_LIMIT', 'STACK_LIMIT', 'MEMORY_LIMIT'],
    options: short,
  },
  { name: 'eval of a loop', code: '(0, eval)("for (;;);")', ends: ['CPU_LIMIT'], options: short },
  { name: 'waiting for ever', code: 'await new Promise(() => {})', ends: ['STALLED'] },
  {
    name: 'waiting for a timer far away',
    code: 'await new Promise((resolve) => setTimeout(resolve, 1e8))',
    ends: ['TIMEOUT'],
    options: { timeoutMs: 200 },
  },
];

export const ENCODING: readonly Attack[] = [
  { name: 'a getter that never ends', code: '({ get a() { for (;;); } })', ends: ['CPU_LIMIT'], options: short },
  {
    name: 'a proxy whose ownKeys never ends',
    code: 'new Proxy({}, { ownKeys() { for (;;); } })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'a proxy with endless keys',
    code: 'new Proxy({}, { ownKeys: () => Array.from({ length: 1e7 }, (_, i) => "k" + i), getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) })',
    ends: ['CPU_LIMIT', 'MEMORY_LIMIT', 'RESULT_LIMIT', 'GUEST_ERROR'],
    options: short,
  },
  {
    name: 'a proxy that is infinitely deep',
    code: 'const deep = () => new Proxy({}, { ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }), get: deep }); deep()',
    ends: ['NOT_TRANSFERABLE', 'RESULT_LIMIT', 'STACK_LIMIT', 'CPU_LIMIT', 'INVALID_DATA'],
    options: short,
  },
  {
    name: 'an error whose message getter never ends',
    code: 'throw Object.defineProperty(new Error(), "message", { get() { for (;;); } })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'a thrown proxy that never ends',
    code: 'throw new Proxy({}, { get() { for (;;); } })',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'printing what never ends',
    code: 'console.log({ get a() { for (;;); } }); 1',
    value: 1,
    options: short,
  },
  {
    name: 'printing a proxy that never ends',
    code: 'console.log(new Proxy({}, { ownKeys() { for (;;); }, get() { for (;;); } }))',
    ends: ['CPU_LIMIT'],
    options: short,
  },
  {
    name: 'a value larger than the limit',
    code: '"x".repeat(2e6)',
    ends: ['RESULT_LIMIT'],
    options: { resultBytes: 1_000_000 },
  },
  {
    name: 'bytes larger than the limit',
    code: 'new Uint8Array(2e6)',
    ends: ['RESULT_LIMIT'],
    options: { resultBytes: 1_000_000 },
  },
  {
    name: 'a bomb of shared references',
    code: 'let bomb: unknown = []; for (let i = 0; i < 40; i++) bomb = [bomb, bomb]; (bomb as unknown[]).length',
    value: 2,
  },
  { name: 'a function as result', code: 'return { deep: [() => 1] }', ends: ['NOT_TRANSFERABLE'] },
  { name: 'a symbol as result', code: 'Symbol("x")', ends: ['NOT_TRANSFERABLE'] },
  { name: 'a namespace as result', code: 'return tools', ends: ['NOT_TRANSFERABLE'] },
  {
    name: 'output without end',
    code: 'for (;;) console.log("x".repeat(1000))',
    ends: ['OUTPUT_LIMIT'],
    options: { stdoutBytes: 100_000 },
  },
  {
    name: 'error output without end',
    code: 'for (;;) console.error("x".repeat(1000))',
    ends: ['OUTPUT_LIMIT'],
    options: { stderrBytes: 100_000 },
  },
];

export const MEMORY: readonly Attack[] = [
  {
    name: 'array bomb',
    code: 'const a: unknown[] = []; for (;;) a.push(new Array(1000).fill(a.length))',
    ends: ['MEMORY_LIMIT'],
  },
  { name: 'string bomb', code: 'let s = "x"; for (;;) s += s', ends: ['MEMORY_LIMIT', 'GUEST_ERROR'] },
  {
    name: 'typed array bomb',
    code: 'const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1))',
    ends: ['MEMORY_LIMIT', 'GUEST_ERROR'],
  },
  { name: 'one typed array beyond all bounds', code: 'new Uint8Array(3e9)', ends: ['MEMORY_LIMIT', 'GUEST_ERROR'] },
  {
    name: 'map bomb',
    code: 'const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })',
    ends: ['MEMORY_LIMIT', 'CPU_LIMIT'],
  },
  {
    name: 'a bomb that catches running out of memory',
    code: 'const a: unknown[] = []; for (;;) { try { for (;;) a.push(new Array(1000).fill(0)) } catch {} }',
    ends: ['CPU_LIMIT', 'MEMORY_LIMIT'],
    options: { cpuTimeMs: 2_000 },
  },
  {
    name: 'URL bomb',
    code: 'const all = []; for (let i = 0; ; i++) all.push(new URL("http://a/" + "x".repeat(1000) + i))',
    ends: ['MEMORY_LIMIT', 'CPU_LIMIT'],
  },
  {
    name: 'regular expression bomb',
    code: 'const all = []; for (let i = 0; ; i++) all.push(new RegExp("(a{1,100}){1,100}" + i))',
    ends: ['MEMORY_LIMIT', 'CPU_LIMIT'],
  },
  {
    name: 'closures in microtasks',
    code: 'const all: unknown[] = []; const grow = async (): Promise<void> => { all.push(new Array(1000).fill(0)); await null; return grow() }; await grow()',
    ends: ['MEMORY_LIMIT', 'CPU_LIMIT'],
  },
  { name: 'recursion', code: 'const f = (): unknown => f(); f()', ends: ['STACK_LIMIT'] },
  {
    name: 'recursion that is caught',
    code: 'const f = (): unknown => f(); try { f() } catch (error) { (error as Error).name }',
    value: 'RangeError',
  },
  {
    name: 'recursion through toString',
    code: 'const o = { toString() { return `${o}` } }; `${o}`',
    ends: ['STACK_LIMIT'],
  },
  {
    name: 'deeply nested JSON',
    code: 'JSON.parse("[".repeat(1e6))',
    ends: ['STACK_LIMIT', 'GUEST_ERROR', 'MEMORY_LIMIT'],
  },
  {
    name: 'deeply nested regular expression',
    code: 'new RegExp("(".repeat(1e5) + ")".repeat(1e5))',
    ends: ['STACK_LIMIT', 'GUEST_ERROR', 'MEMORY_LIMIT'],
  },
  {
    name: 'deeply nested array to text',
    code: 'let a: unknown[] = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)',
    ends: ['STACK_LIMIT', 'GUEST_ERROR', 'MEMORY_LIMIT'],
  },
  {
    name: 'deeply nested value as result',
    code: 'let a: unknown[] = []; for (let i = 0; i < 1e5; i++) a = [a]; a',
    ends: ['NOT_TRANSFERABLE', 'STACK_LIMIT', 'INVALID_DATA'],
  },
  {
    name: 'a chain of a million promises',
    code: 'let p: Promise<unknown> = Promise.resolve(1); for (let i = 0; i < 2e5; i++) p = p.then((x) => x); await p',
    ends: ['MEMORY_LIMIT', 'CPU_LIMIT'],
  },
];

export const NATIVE: readonly Attack[] = [
  {
    name: 'Array(1e9).join',
    code: 'new Array(1e9).join("x")',
    ends: ['CPU_LIMIT', 'MEMORY_LIMIT', 'GUEST_ERROR'],
    options: short,
  },
  { name: 'Array(1e9).indexOf', code: 'new Array(4e9).indexOf(1)', ends: ['CPU_LIMIT'], options: short },
  {
    name: 'fill of a huge array-like',
    code: 'Array.prototype.fill.call({ length: 1e15 }, 0)',
    ends: ['CPU_LIMIT', 'MEMORY_LIMIT'],
    options: short,
  },
  {
    name: 'BigInt power',
    code: '7n ** 10_000_000n',
    ends: ['CPU_LIMIT', 'MEMORY_LIMIT', 'GUEST_ERROR'],
    options: short,
  },
  {
    name: 'BigInt to text',
    code: '((1n << 5_000_000n) - 1n).toString()',
    ends: ['CPU_LIMIT', 'MEMORY_LIMIT', 'GUEST_ERROR'],
    options: short,
  },
  {
    name: 'padEnd to the limit',
    code: '"".padEnd(2 ** 29, "abc").length',
    ends: ['CPU_LIMIT', 'MEMORY_LIMIT', 'GUEST_ERROR'],
    options: short,
  },
];
