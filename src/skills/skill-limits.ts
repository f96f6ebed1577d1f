import type { Skill, SkillParameter } from '../contracts/skill.ts';

/** In characters, where not said otherwise. A listing has all skills: no single one may fill it. */
const MAX_DESCRIPTION = 1_000;
const MAX_PARAMETER_DESCRIPTION = 500;
const MAX_PARAMETER_NAME = 100;
/** Of one type, one default, and the list of type parameters. */
const MAX_TYPE = 1_000;
const MAX_TYPE_DECLARATIONS = 10_000;
const MAX_TAG = 100;
/** Counts. */
const MAX_PARAMETERS = 50;
const MAX_TAGS = 50;
/** Of all that a listing says of a skill, as JSON. */
const MAX_LISTING = 20_000;

export interface BoundSkill {
  /** With what is too long cut, which ends in `…`; types and defaults are left out instead: cut, they would say another thing. */
  readonly skill: Skill;
  /** What was too much, and what is allowed; undefined when nothing was. */
  readonly excess: string | undefined;
}

/** Bounds what a listing says of a skill, whatever its source says. */
export function boundSkill(skill: Skill): BoundSkill {
  const excess = findExcess(skill);
  if (excess === undefined) return { skill, excess };
  const cut: Skill = {
    ...skill,
    description: cutText(skill.description, MAX_DESCRIPTION),
    tags: skill.tags.slice(0, MAX_TAGS).map((tag) => cutText(tag, MAX_TAG)),
    parameters: skill.parameters.slice(0, MAX_PARAMETERS).map(cutParameter),
  };
  const typed = hasLongTypes(skill) ? withoutTypes(cut) : cut;
  // Many texts, each short enough, can be too much together.
  return { skill: listingLength(typed) > MAX_LISTING ? withoutDetails(typed) : typed, excess };
}

function findExcess(skill: Skill): string | undefined {
  const { description, tags, parameters } = skill;
  const checks: readonly (readonly [what: string, got: number, allowed: number])[] = [
    ['its description (the first paragraph of the doc comment)', description.length, MAX_DESCRIPTION],
    ['the number of its parameters', parameters.length, MAX_PARAMETERS],
    ['the number of its tags', tags.length, MAX_TAGS],
    ['a tag', longest(tags), MAX_TAG],
    ["a parameter's name", longest(parameters.map(({ name }) => name)), MAX_PARAMETER_NAME],
    ["a parameter's description", longest(parameters.map((each) => each.description)), MAX_PARAMETER_DESCRIPTION],
    ['a type or default in its signature', longest(signatureTexts(skill)), MAX_TYPE],
    ['all declarations of the types it names', skill.typeDeclarations.length, MAX_TYPE_DECLARATIONS],
    ['all that a listing says of it', listingLength(skill), MAX_LISTING],
  ];
  const found = checks.find(([, got, allowed]) => got > allowed);
  if (found === undefined) return undefined;
  const [what, got, allowed] = found;
  return `${what} is ${got}${what.startsWith('the number') ? '' : ' characters long'}; expected at most ${allowed}`;
}

function hasLongTypes(skill: Skill): boolean {
  return longest(signatureTexts(skill)) > MAX_TYPE || skill.typeDeclarations.length > MAX_TYPE_DECLARATIONS;
}

function signatureTexts({ typeParameters, returns, parameters }: Skill): (string | undefined)[] {
  return [typeParameters, returns, ...parameters.flatMap(({ type, defaultValue }) => [type, defaultValue])];
}

function listingLength(skill: Skill): number {
  return JSON.stringify(skill).length;
}

function longest(texts: readonly (string | undefined)[]): number {
  return texts.reduce((most, text = '') => Math.max(most, text.length), 0);
}

/** A name that is cut might be that of another parameter. */
function cutParameter(parameter: SkillParameter, index: number): SkillParameter {
  const { name, description } = parameter;
  return {
    ...parameter,
    name: name.length > MAX_PARAMETER_NAME ? `parameter${index + 1}` : name,
    ...(description === undefined ? {} : { description: cutText(description, MAX_PARAMETER_DESCRIPTION) }),
  };
}

function withoutTypes({ typeParameters: _typeParameters, returns: _returns, ...skill }: Skill): Skill {
  return {
    ...skill,
    parameters: skill.parameters.map(({ type: _type, defaultValue: _default, ...parameter }) => parameter),
    typeDeclarations: '',
  };
}

function withoutDetails(skill: Skill): Skill {
  const { parameters, ...rest } = withoutTypes(skill);
  return { ...rest, parameters: parameters.map(({ description: _description, ...parameter }) => parameter) };
}

function cutText(text: string, max: number): string {
  // Not through the middle of a character.
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
