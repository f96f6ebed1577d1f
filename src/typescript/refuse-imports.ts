import { importError } from './parse-typescript.ts';
import type { ParsedSource, SourceText } from './parse-typescript.ts';

/**
 * Throws at a statement that imports: `import x from`, `export ... from`. What is left of `import { type X } from` is
 * allowed.
 *
 * @throws {CodeModeError} `UNSUPPORTED_SYNTAX`
 */
export function refuseImports(text: SourceText, { code, program }: ParsedSource): void {
  for (const statement of program.body) {
    const isImport =
      statement.type === 'ImportDeclaration' &&
      !(statement.specifiers.length === 0 && code.slice(statement.start, statement.source.start).includes('{'));
    if (isImport) throw importError(text, statement.start);
    const isReexport =
      statement.type === 'ExportAllDeclaration' || (statement.type === 'ExportNamedDeclaration' && statement.source);
    if (isReexport) throw importError(text, statement.start, 'export ... from');
  }
}
