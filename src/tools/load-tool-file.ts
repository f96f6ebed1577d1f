import type { ToolAdapter } from '../contracts/tool.ts';
import type { ToolSource } from '../contracts/tool-store.ts';
import { ADAPTER_KINDS } from './adapter-kinds.ts';
import { didYouMean, showValue } from './shape-problems.ts';
import { ToolDocument } from './tool-document.ts';
import { ToolFile } from './tool-file.ts';
import type { ToolFileContext } from './tool-file.ts';
import type { SourcePlace, ToolProblem } from './tool-problem.ts';

/** An adapter, with the place of the tool's name; or all that is wrong with the file. */
export type LoadedToolFile =
  | { readonly adapter: ToolAdapter; readonly namePlace: SourcePlace }
  | { readonly problems: readonly ToolProblem[] };

/** Reads one tool file. Never throws for what stands in it, and starts nothing. */
export function loadToolFile(source: ToolSource, context: ToolFileContext): LoadedToolFile {
  const document = new ToolDocument(source.origin, source.text);
  if (document.syntaxProblems.length > 0) return { problems: document.syntaxProblems };
  const file = new ToolFile(document, context);
  const adapter = openAdapter(file);
  if (adapter === undefined || file.problems.length > 0) return { problems: file.problems };
  return { adapter, namePlace: document.place(['name']) };
}

function openAdapter(file: ToolFile): ToolAdapter | undefined {
  const { data } = file.document;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    file.problem(
      [],
      data === null || data === undefined ? 'the file is empty' : `the file holds ${showValue(data)}`,
      'a block of keys: name, command, schema, ...',
    );
    return undefined;
  }
  const type: unknown = ('type' in data ? data.type : undefined) ?? 'cli';
  const kind = typeof type === 'string' ? ADAPTER_KINDS.get(type) : undefined;
  if (kind !== undefined) return kind.open(file);
  const known = [...ADAPTER_KINDS.keys()];
  const near = typeof type === 'string' ? didYouMean(type, known) : '';
  file.problem(
    ['type'],
    `type: got ${showValue(type)}`,
    `${known.length > 1 ? 'one of ' : ''}${known.join(', ')}${near}`,
  );
  return undefined;
}
