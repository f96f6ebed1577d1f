import { findRun } from './find-run.ts';
import type { FoundRun } from './find-run.ts';
import { topLevelNames } from './free-names.ts';
import { inspectProgram } from './inspect-program.ts';
import type { Inspection } from './inspect-program.ts';
import { guardDepth } from './parse-typescript.ts';
import type { ParsedSource, SourceText } from './parse-typescript.ts';
import { refuseDynamicImports } from './refuse-dynamic-imports.ts';
import { refuseImports } from './refuse-imports.ts';
import { syntaxError } from './syntax-error.ts';

/** What is known of a skill's program once it is found to be one. */
export interface CheckedSkill {
  readonly run: FoundRun;
  readonly inspection: Inspection;
}

/**
 * Refuses what parses and yet is no skill: imports of any kind, `await` outside of functions, no `run`. The one check
 * for saving a skill and for running it.
 *
 * @throws {CodeModeError} `SYNTAX_ERROR`, `UNSUPPORTED_SYNTAX`, `INVALID_SKILL`
 */
export function checkSkill(text: SourceText, parsed: ParsedSource): CheckedSkill {
  return guardDepth(text, () => {
    const { code, program } = parsed;
    const inspection = inspectProgram(program, code);
    refuseImports(text, parsed);
    refuseDynamicImports(text, program, { inspection, declared: topLevelNames(program) });
    const [awaited] = inspection.awaits;
    if (awaited !== undefined) {
      throw syntaxError({
        ...text,
        at: awaited.start,
        code: 'UNSUPPORTED_SYNTAX',
        reason: 'await outside of functions is not supported in a skill',
        advice: 'move it into run',
      });
    }
    return { run: findRun(text, program), inspection };
  });
}
