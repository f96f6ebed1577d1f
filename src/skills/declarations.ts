import type { Skill, SkillParameter } from '../contracts/skill.ts';
import { escapeTags, printDocComment } from './doc-comment.ts';

/** What the guest sees of `skills` besides the skills themselves. */
const LISTING_TYPES = `/** A skill, as skills.list() answers it. */
interface SkillListing {
  name: string;
  description: string;
  tags: string[];
  parameters: { name: string; type?: string; optional: boolean; rest: boolean; defaultValue?: string; description?: string }[];
  typeParameters?: string;
  returns?: string;
  isAsync: boolean;
  typeDeclarations: string;
  origin: string;
  version: string;
  language?: 'python';
}
`;

const METHODS = `  /** Calls a skill by its name. */
  invoke(name: string, ...args: unknown[]): Promise<unknown>;
  /** All skills. */
  list(): Promise<SkillListing[]>;
  /** The skills that fit a few words best, best first; limit is 10 unless given. */
  search(query: string, limit?: number): Promise<{ id: string; score: number; matched: string[]; similarity?: number; description: string }[]>;
  /** One skill, with its source. */
  get(name: string): Promise<SkillListing & { source: string }>;
  /** Saves TypeScript that exports a function \`run\` as a skill. Refuses to replace one unless \`overwrite\` is set. */
  create(name: string, source: string, options?: string | { description?: string; overwrite?: boolean }): Promise<SkillListing>;
  /** True when there was one. */
  delete(name: string): Promise<boolean>;
`;

/** A longer default is not shown. */
const MAX_DEFAULT_LENGTH = 100;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * TypeScript declarations of the global `skills`: what an agent should see.
 *
 * Each skill's own types are in a namespace of its own, so that equal names of two skills don't meet.
 */
export function declareSkills(skills: readonly Skill[]): string {
  // Any other name is no skill's: a library lists none. What is not TypeScript can't be called.
  const named = skills.filter(({ name, language }) => IDENTIFIER.test(name) && language === undefined);
  const namespaces = named.filter(hasOwnTypes).map((skill) => declareNamespace(skill));
  const members = named.map((skill) => declareMember(skill));
  return `${LISTING_TYPES}${namespaces.join('')}declare const skills: {\n${members.join('')}${METHODS}};\n`;
}

function hasOwnTypes({ typeDeclarations }: Skill): boolean {
  return typeDeclarations !== '';
}

function namespaceOf({ name }: Skill): string {
  return `SkillTypes_${name}`;
}

function declareNamespace(skill: Skill): string {
  return `declare namespace ${namespaceOf(skill)} {\n${skill.typeDeclarations}\nfunction run${signatureOf(skill)};\n}\n`;
}

function declareMember(skill: Skill): string {
  const type = hasOwnTypes(skill) ? `: typeof ${namespaceOf(skill)}.run` : signatureOf(skill);
  return `${printDocComment(docLines(skill), '  ')}  ${skill.name}${type};\n`;
}

function docLines({ description, parameters }: Skill): string {
  const described = parameters.flatMap((parameter) =>
    parameter.description === undefined ? [] : [parameterLine(parameter)],
  );
  return [escapeTags(description), ...described].join('\n');
}

function parameterLine({ name, description = '', defaultValue }: SkillParameter): string {
  const shown =
    defaultValue !== undefined && defaultValue.length <= MAX_DEFAULT_LENGTH ? ` (default: ${defaultValue})` : '';
  return `@param ${name} ${description}${shown}`;
}

/** `<T>(items: T[], limit?: number): Promise<T>`. A call always answers a promise. */
function signatureOf({ typeParameters, parameters, returns = 'unknown' }: Skill): string {
  const lastRequired = parameters.findLastIndex(({ optional, rest }) => !optional && !rest);
  const printed = parameters.map((parameter, index) => printParameter(parameter, index < lastRequired));
  const result = returns.startsWith('Promise<') ? returns : `Promise<${returns}>`;
  return `${typeParameters === undefined ? '' : `<${typeParameters}>`}(${printed.join(', ')}): ${result}`;
}

/** @param isBeforeRequired then TypeScript allows no `?` */
function printParameter({ name, type, optional, rest }: SkillParameter, isBeforeRequired: boolean): string {
  if (rest) return `...${name}: ${type ?? 'unknown[]'}`;
  if (!optional) return `${name}: ${type ?? 'unknown'}`;
  return isBeforeRequired
    ? `${name}: ${type === undefined ? 'unknown' : `(${type}) | undefined`}`
    : `${name}?: ${type ?? 'unknown'}`;
}

/** TypeScript declarations of the global `artifacts`. */
export const ARTIFACTS_DECLARATION = `/** What is known of an artifact besides its data. */
interface ArtifactInfo {
  name: string;
  type: 'bytes' | 'text' | 'json';
  sizeBytes: number;
  description: string;
  metadata: Record<string, unknown>;
  /** ISO 8601, UTC. */
  createdAt: string;
}
declare const artifacts: {
  /** Saves bytes, text or a JSON value under a name, which may have folders: 'reports/may.json'. Replaces what had that name. */
  save(name: string, data: unknown, description?: string, metadata?: Record<string, unknown>): Promise<ArtifactInfo>;
  /** The data: a Uint8Array, a string or a JSON value, as it was saved. */
  load(name: string): Promise<any>;
  /** The data, and what is known of it. */
  get(name: string): Promise<ArtifactInfo & { data: any }>;
  /** All artifacts, without their data. */
  list(): Promise<ArtifactInfo[]>;
  exists(name: string): Promise<boolean>;
  /** True when there was one. */
  delete(name: string): Promise<boolean>;
};
`;
