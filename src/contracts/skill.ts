/** A skill as parsing shows it. Nothing of it was executed. */
export interface Skill {
  readonly name: string;
  /** First paragraph of the doc comment (the module's, else the function's); `''` when there is none. */
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters: readonly SkillParameter[];
  /** TypeScript text of the return type; absent when not annotated. */
  readonly returns?: string;
  readonly isAsync: boolean;
  /** TypeScript text of type parameters, interfaces and type aliases that the signature names; `''` mostly. */
  readonly typeDeclarations: string;
  /** `skills/report.ts`. */
  readonly origin: string;
  readonly version: string;
}

export interface SkillParameter {
  /** As written; a destructured parameter is called `options`. */
  readonly name: string;
  /** TypeScript text; absent when not annotated. */
  readonly type?: string;
  readonly optional: boolean;
  readonly rest: boolean;
  /** Source text of the default. */
  readonly defaultValue?: string;
  /** Its `@param` line. */
  readonly description?: string;
}
