import type { Program } from 'acorn';

import type { ColumnMap } from './column-map.ts';
import { closeStatement } from './completion-value.ts';
import { Edits } from './edits.ts';
import { guardDepth, parseTypeScript } from '../../typescript/parse-typescript.ts';
import type { ParsedSource, SourceText } from '../../typescript/parse-typescript.ts';
import { checkSkill } from '../../typescript/check-skill.ts';

export interface CompiledSkill {
  /**
   * A script. Evaluated, it gives a function that takes the `skills` namespace, evaluates the module in a scope of its
   * own, and returns what the module exports as `run`.
   */
  readonly code: string;
  readonly map: ColumnMap;
}

/**
 * Makes a function of a skill: an ES module that exports a function `run`. Strict mode; no top-level `await`.
 *
 * @throws {CodeModeError} `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX`, `INVALID_SKILL` as `findRun`.
 */
export function compileSkill(source: string, { file }: { readonly file: string }): CompiledSkill {
  const text: SourceText = { source, file, frameInMessage: true };
  const parsed = parseTypeScript(text);
  return guardDepth(text, () => compile(text, parsed));
}

function compile(text: SourceText, parsed: ParsedSource): CompiledSkill {
  const { code, program } = parsed;
  const { inspection, run } = checkSkill(text, parsed);
  const edits = new Edits(code);
  for (const at of inspection.commentLike) edits.insert(at, ' ');
  for (const statement of program.body) dropModuleSyntax(statement, code, edits);
  const { code: body, map } = edits.apply('(function(skills){"use strict";return(function(){');
  return { code: `${body}\n;return ${run.local}})()})`, map };
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
