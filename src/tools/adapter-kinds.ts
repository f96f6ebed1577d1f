import * as z from 'zod';
import type { JsonSchemaObject } from '../contracts/json-schema.ts';
import type { ToolAdapter } from '../contracts/tool.ts';
import { openCliTool } from './cli/cli-adapter.ts';
import { cliFileShape } from './cli/cli-file-shape.ts';
import { shapeProblems } from './shape-problems.ts';
import type { ToolFile } from './tool-file.ts';

/** One `type:` of tool file. */
export interface AdapterKind {
  readonly shape: z.ZodType;
  /** Makes the adapter; undefined when the file has problems, which are then in `file.problems`. */
  readonly open: (file: ToolFile) => ToolAdapter | undefined;
}

/** The default is `cli`. A further kind of tool is one more line here. */
export const ADAPTER_KINDS: ReadonlyMap<string, AdapterKind> = new Map([
  ['cli', adapterKind(cliFileShape, openCliTool)],
]);

/** The JSON Schema of tool files, for editors and `ts-code-mode schema tool`. */
export function toolFileSchema(): JsonSchemaObject {
  const shapes = [...ADAPTER_KINDS.values()].map(({ shape }) => shape);
  const shape = shapes.length === 1 && shapes[0] !== undefined ? shapes[0] : z.union(shapes);
  // Draft 7 is what the common YAML language server understands whole.
  const { $schema, ...rest } = z.toJSONSchema(shape, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'A tool of ts-code-mode', ...rest };
}

function adapterKind<Shape extends z.ZodType>(
  shape: Shape,
  open: (fields: z.output<Shape>, file: ToolFile) => ToolAdapter | undefined,
): AdapterKind {
  return {
    shape,
    open: (file) => {
      const parsed = shape.safeParse(file.document.data);
      if (parsed.success) return open(parsed.data, file);
      file.problems.push(...shapeProblems(shape, parsed.error.issues, file.document));
      return undefined;
    },
  };
}
