/** What the API answers about tools, skills and artifacts: checked by the client, described by the server. */
import { z } from 'zod';
import type { ArtifactInfo } from '../../contracts/artifact-store.ts';
import type { SkillHit, SkillWithSource, ToolHit } from '../../contracts/facade.ts';
import type { Skill } from '../../contracts/skill.ts';
import type { Tool } from '../../contracts/tool.ts';
import type { SessionRecord } from './api.ts';

const text = z.string();
const texts = z.array(text);
const keywords = z.record(text, z.unknown());

export const sessionRecord: z.ZodType<SessionRecord> = z.object({
  id: text,
  createdAt: text,
  lastUsedAt: text,
  activeRuns: z.int(),
});
export const sessionList = z.object({ sessions: z.array(sessionRecord) });

const tool: z.ZodType<Tool> = z.object({
  name: text,
  description: text,
  tags: texts,
  callables: z.array(
    z.object({
      name: text,
      description: text,
      inputSchema: keywords,
      outputSchema: z.union([z.boolean(), keywords]).exactOptional(),
    }),
  ),
  origin: text,
  warnings: texts,
});
export const toolList = z.object({ tools: z.array(tool) });

const skillFields = {
  name: text,
  description: text,
  tags: texts,
  parameters: z.array(
    z.object({
      name: text,
      type: text.exactOptional(),
      optional: z.boolean(),
      rest: z.boolean(),
      defaultValue: text.exactOptional(),
      description: text.exactOptional(),
    }),
  ),
  typeParameters: text.exactOptional(),
  returns: text.exactOptional(),
  isAsync: z.boolean(),
  typeDeclarations: text,
  origin: text,
  version: text,
  language: z.literal('python').exactOptional(),
};
export const skill: z.ZodType<Skill> = z.object(skillFields);
export const skillWithSource: z.ZodType<SkillWithSource> = z.object({ ...skillFields, source: text });
export const skillList = z.object({ skills: z.array(skill) });

const hit: z.ZodType<ToolHit & SkillHit> = z.object({
  id: text,
  score: z.number(),
  matched: texts,
  similarity: z.number().exactOptional(),
  description: text,
});
export const hitList = z.object({ hits: z.array(hit) });

export const artifactType = z.enum(['bytes', 'text', 'json']);
export const artifactInfo: z.ZodType<ArtifactInfo> = z.object({
  name: text,
  type: artifactType,
  sizeBytes: z.int().nonnegative(),
  description: text,
  metadata: keywords,
  createdAt: text,
});
export const artifactList = z.object({ artifacts: z.array(artifactInfo) });

export const problemList = z.object({ problems: texts });

/** What a call of a tool answered, beside the parts of its frame. */
export const calledTool = z.object({ text, plain: z.boolean(), stderr: text });

export const failureBody = z.object({
  error: z.object({ code: text, message: text, details: keywords.optional() }),
});
