/** `node benchmarks/cell-compile.ts`: what compiling a cell costs, against acorn's parse of the same text without types. */
import { stripTypeScriptTypes } from 'node:module';

import { parse } from 'acorn';

import { compileCell } from '../src/guest/compile/compile-cell.ts';

const LIMIT = 5;

console.log('cell compile, against acorn alone (medians)');
// The rounds are more for small cells, or those would be measured before the code is optimised.
for (const [characters, rounds] of [
  [1_000, 500],
  [20_000, 100],
  [200_000, 30],
] as const) {
  const source = cellOf(characters);
  const plain = stripTypeScriptTypes(source);
  const tasks = {
    compile: () => compileCell(source, { file: 'run-1.ts', reserved: ['tools'] }),
    acorn: () => parse(plain, { ecmaVersion: 'latest', sourceType: 'module', allowAwaitOutsideFunction: true }),
  };
  const times: Record<keyof typeof tasks, number[]> = { compile: [], acorn: [] };
  // In turns, so that both meet the same load.
  for (let round = 0; round < rounds; round++) {
    for (const name of ['acorn', 'compile'] as const) {
      const start = performance.now();
      tasks[name]();
      times[name].push(performance.now() - start);
    }
  }
  const [compile, acorn] = [median(times.compile), median(times.acorn)];
  const ratio = compile / acorn;
  console.log(
    `${String(source.length).padStart(8)} characters  ${compile.toFixed(2)} ms / ${acorn.toFixed(2)} ms = ${ratio.toFixed(2)}x (limit ${LIMIT}x)`,
  );
  if (ratio > LIMIT) process.exitCode = 1;
}

/** What an agent writes, again and again under other names. */
function cellOf(characters: number): string {
  let source = '';
  for (let i = 0; source.length < characters; i++) {
    source += `interface Row${i} { id: number; name: string; tags?: string[] }
const rows${i}: Row${i}[] = await tools.db.query({ table: 'rows', limit: ${i} });
/** Groups things by one of their properties. */
function group${i}<T extends Row${i}>(items: readonly T[], key: keyof T): Map<unknown, T[]> {
  const result = new Map<unknown, T[]>();
  for (const item of items) result.set(item[key], [...(result.get(item[key]) ?? []), item as T]);
  return result;
}
const pages${i} = await Promise.all(rows${i}.map((row) => tools.curl.get({ url: \`https://example.com/\${row.id}\`, retry: 3 })));
for (const [index, page] of pages${i}.entries()) {
  if (page!.status >= 400) throw new Error(\`page \${index}: \${page.status}\`);
  console.log(page.body.slice(0, 100), { ...rows${i}[index], ok: true } satisfies object);
}
`;
  }
  return `${source}rows0.length`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
