import type { Skill } from '../contracts/skill.ts';
import type { PythonSkill, SkillSource } from '../contracts/skill-store.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { boundSkill } from './skill-limits.ts';

/** A skill that py-code-mode wrote, as its record shows it: the source is not looked at. */
export function pythonSkill({ name, origin, version }: SkillSource, { description, parameters }: PythonSkill): Skill {
  return boundSkill({
    name,
    description,
    tags: [],
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      optional: !parameter.required,
      rest: false,
      ...(parameter.description === '' ? {} : { description: parameter.description }),
    })),
    isAsync: false,
    typeDeclarations: '',
    origin,
    version,
    language: 'python',
  }).skill;
}

/** @throws {CodeModeError} `UNSUPPORTED` for a skill that is not TypeScript */
export function refusePython({ name, origin, language }: Skill): void {
  if (language === undefined) return;
  throw new CodeModeError(
    'UNSUPPORTED',
    `Cannot run ${origin}: it is Python, written by py-code-mode; save it in TypeScript, as in skills.create("${name}", source, { overwrite: true })`,
  );
}
