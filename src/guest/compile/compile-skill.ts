import type { Program } from 'acorn';

import type { ColumnMap } from './column-map.ts';
import { closeStatement } from './completion-value.ts';
import { Edits } from './edits.ts';
import { topLevelNames } from './free-names.ts';
import { inspectProgram } from './inspect-program.ts';
import { guardDepth, parseTypeScript } from './parse-typescript.ts';
import type { ParsedSource, SourceText } from './parse-typescript.ts';
import { refuseImports } from './refuse-imports.ts';
import { syntaxError } from './syntax-error.ts';
import { declaredNames } from './syntax-tree.ts';

export interface CompiledSkill {
  /**
   * A script. Evaluated, it gives a function that takes the `skills` namespace, evaluates the module in a scope of its
   * own, and returns what the module exports as `run`.
   */
  readonly code: string;
  readonly map: ColumnMap;
}

/**
 * Makes a function of a skill: an ES module that exports `run`, as a declaration, in `export { x as run }`, or as
 * `export default function run`. Strict mode; no top-level `await`.
 *
 * @throws {CodeModeError} `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX`, `INVALID_SKILL` when it exports no `run`.
 */
export function compileSkill(source: string, { file }: { readonly file: string }): CompiledSkill {
  const text: SourceText = { source, file };
  const parsed = parseTypeScript(text);
  return guardDepth(text, () => compile(text, parsed));
}

function compile(text: SourceText, { code, program }: ParsedSource): CompiledSkill {
  const inspection = inspectProgram(program, code);
  refuseImports(text, program, { code, inspection, declared: topLevelNames(program) });
  const [awaited] = inspection.awaits;
  if (awaited) {
    throw syntaxError({
      ...text,
      at: awaited.start,
      code: 'UNSUPPORTED_SYNTAX',
      reason: 'await outside of functions is not supported in a skill',
      advice: 'move it into run',
    });
  }
  const exported = exportsOf(program);
  const run = exported.get('run');
  if (run === undefined) {
    const found = exported.size === 0 ? 'It exports nothing' : `It exports ${[...exported.keys()].join(', ')}`;
    throw syntaxError({
      ...text,
      at: 0,
      code: 'INVALID_SKILL',
      reason: found,
      advice: 'a skill exports a function called run: export async function run(...) { ... }',
    });
  }
  const edits = new Edits(code);
  for (const at of inspection.commentLike) edits.insert(at, ' ');
  for (const statement of program.body) dropModuleSyntax(statement, code, edits);
  const { code: body, map } = edits.apply('(function(skills){"use strict";return(function(){');
  return { code: `${body}\n;return ${run}})()})`, map };
}

/** Local names by the names under which they are exported. */
function exportsOf(program: Program): Map<string, string> {
  const exported = new Map<string, string>();
  for (const statement of program.body) {
    if (statement.type === 'ExportNamedDeclaration') {
      const { declaration, specifiers } = statement;
      const declared = declaration?.type === 'VariableDeclaration' ? declaredNames(declaration) : [declaration?.id];
      for (const id of declared) if (id) exported.set(id.name, id.name);
      for (const { exported: name, local } of specifiers) {
        if (local.type === 'Identifier')
          exported.set(name.type === 'Identifier' ? name.name : String(name.value), local.name);
      }
    } else if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      const named = declaration.type === 'FunctionDeclaration' && declaration.id ? declaration.id.name : undefined;
      exported.set(named === 'run' ? 'run' : 'default', named ?? '');
    }
  }
  return exported;
}

function dropModuleSyntax(statement: Program['body'][number], code: string, edits: Edits): void {
  switch (statement.type) {
    case 'ImportDeclaration':
      edits.erase(statement.start, statement.end);
      break;
    case 'ExportNamedDeclaration':
      edits.erase(statement.start, statement.declaration?.start ?? statement.end);
      break;
    case 'ExportDefaultDeclaration': {
      const { declaration, start } = statement;
      const isNamed =
        (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') && declaration.id;
      edits.erase(start, declaration.start, isNamed ? ';' : ';(');
      if (!isNamed) closeStatement(code, edits, statement);
      break;
    }
    default:
  }
}
