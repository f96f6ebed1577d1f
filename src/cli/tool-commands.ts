import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { ToolStore } from '../contracts/tool-store.ts';
import { isObject } from '../tools/declarations/schema-reader.ts';
import { ToolDocument } from '../tools/tool-document.ts';
import type { ToolProblem } from '../tools/tool-problem.ts';

/** A program that a tool file starts. */
export interface ToolCommand {
  /** The file: `tools/curl.yaml`. */
  readonly origin: string;
  readonly command: string;
  /** The folder it is started in; undefined: wherever the host is. */
  readonly folder?: StartFolder;
}

interface StartFolder {
  readonly path: string;
  /** What is wrong when it is not there. */
  readonly problem: ToolProblem;
}

/** The commands of the command line tools whose files can be read. */
export async function commandsOf(tools: ToolStore, basePath: string): Promise<readonly ToolCommand[]> {
  const entries = await tools.list();
  const commands: ToolCommand[] = [];
  for (const { name } of entries) {
    // A file that can't be read is reported where tool files are checked.
    const source = await tools.read(name).catch(() => undefined);
    if (source === undefined) continue;
    const document = new ToolDocument(source.origin, source.text);
    const { data, syntaxProblems } = document;
    if (syntaxProblems.length > 0 || !isObject(data) || (data['type'] ?? 'cli') !== 'cli') continue;
    const [command] = [data['command'] ?? data['name']].flat();
    if (typeof command !== 'string') continue;
    const { cwd } = data;
    commands.push({
      origin: source.origin,
      command,
      ...(typeof cwd === 'string' ? { folder: startFolder(document, cwd, basePath) } : {}),
    });
  }
  return commands;
}

/** What there is to say of the folders that commands start in and that are not there. */
export function missingFolders(commands: readonly ToolCommand[]): readonly ToolProblem[] {
  return commands.flatMap(({ folder }) => (folder === undefined || isFolder(folder.path) ? [] : [folder.problem]));
}

export function isOnPath({ command, folder }: ToolCommand): boolean {
  if (command.includes('/')) return isExecutable(folder === undefined ? command : resolve(folder.path, command));
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => part !== '');
  return path.some((part) => isExecutable(join(part, command)));
}

function startFolder(document: ToolDocument, cwd: string, basePath: string): StartFolder {
  const path = resolve(basePath, cwd);
  const message = `cwd: there is no folder ${JSON.stringify(cwd)}`;
  const { origin, line, column } = document.problem(['cwd'], message);
  return { path, problem: { origin, line, column, message, expected: 'a folder, relative to the base folder' } };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
