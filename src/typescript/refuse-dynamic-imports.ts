import type { Program } from 'acorn';

import { importError } from './parse-typescript.ts';
import type { SourceText } from './parse-typescript.ts';
import { freeNames } from './free-names.ts';
import type { Inspection } from './inspect-program.ts';

export interface Inspected {
  readonly inspection: Inspection;
  /** The program's top-level names. */
  readonly declared: { has(name: string): boolean };
}

/** Throws where code imports while it runs: `import()`, `import.meta`, `require()`. */
export function refuseDynamicImports(text: SourceText, program: Program, { inspection, declared }: Inspected): void {
  const [dynamic] = inspection.dynamicImports;
  if (dynamic) throw importError(text, dynamic.start, dynamic.type === 'ImportExpression' ? 'import()' : 'import.meta');
  if (declared.has('require')) return;
  const [required] = freeNames(program, inspection.requires);
  if (required) throw importError(text, required.start, 'require()');
}
