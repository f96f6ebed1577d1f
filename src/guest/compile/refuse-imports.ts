import type { Program } from 'acorn';

import { freeNames } from './free-names.ts';
import type { Inspection } from './inspect-program.ts';
import { importError } from './parse-typescript.ts';
import type { SourceText } from './parse-typescript.ts';

export interface Inspected {
  readonly code: string;
  readonly inspection: Inspection;
  /** The program's top-level names. */
  readonly declared: { has(name: string): boolean };
}

/**
 * Throws where a program imports: `import x from`, `import()`, `import.meta`, `require()`, `export ... from`. What is
 * left of `import { type X } from` is allowed.
 */
export function refuseImports(text: SourceText, program: Program, { code, inspection, declared }: Inspected): void {
  for (const statement of program.body) {
    const isImport =
      statement.type === 'ImportDeclaration' &&
      !(statement.specifiers.length === 0 && code.slice(statement.start, statement.source.start).includes('{'));
    if (isImport) throw importError(text, statement.start);
    const isReexport =
      statement.type === 'ExportAllDeclaration' || (statement.type === 'ExportNamedDeclaration' && statement.source);
    if (isReexport) throw importError(text, statement.start, 'export ... from');
  }
  const [dynamic] = inspection.dynamicImports;
  if (dynamic) throw importError(text, dynamic.start, dynamic.type === 'ImportExpression' ? 'import()' : 'import.meta');
  if (declared.has('require')) return;
  const [required] = freeNames(program, inspection.requires);
  if (required) throw importError(text, required.start, 'require()');
}
