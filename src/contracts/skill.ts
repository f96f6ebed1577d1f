/** A skill as parsing shows it. Nothing of it was executed. */
export interface Skill {
  readonly name: string;
  /** First paragraph of the doc comment (the module's, else the function's); `''` when there is none. */
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters: readonly SkillParameter[];
  /** TypeScript text between the angle brackets of its type parameters: `T extends object`; absent when it has none. */
  readonly typeParameters?: string;
  /** TypeScript text of the return type; absent when not annotated. */
  readonly returns?: string;
  readonly isAsync: boolean;
  /** TypeScript text of the interfaces and type aliases that the signature names; `''` mostly. */
  readonly typeDeclarations: string;
  /** `skills/report.ts`. */
  readonly origin: string;
  readonly version: string;
  /** Absent: TypeScript. A skill in another language is listed and shown, and can't run. */
  readonly language?: 'python';
}

export interface SkillParameter {
  /** As written; a destructured parameter is called `options`. */
  readonly name: string;
  /** TypeScript text; without an annotation, what a literal default or the destructured keys tell; else absent. */
  readonly type?: string;
  readonly optional: boolean;
  readonly rest: boolean;
  /** Source text of the default. */
  readonly defaultValue?: string;
  /** Its `@param` line. */
  readonly description?: string;
}
