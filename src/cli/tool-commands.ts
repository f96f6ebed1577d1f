import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { ToolStore } from '../contracts/tool-store.ts';
import { isObject } from '../tools/declarations/schema-reader.ts';
import { ToolDocument } from '../tools/tool-document.ts';

/** A program that a tool file starts. */
export interface ToolCommand {
  /** The file: `tools/curl.yaml`. */
  readonly origin: string;
  readonly command: string;
  /** Where a command with a slash in its name starts from. */
  readonly cwd: string;
}

/** The commands of the command line tools whose files can be read. */
export async function commandsOf(tools: ToolStore, basePath: string): Promise<readonly ToolCommand[]> {
  const entries = await tools.list();
  const commands: ToolCommand[] = [];
  for (const { name } of entries) {
    // A file that can't be read is reported where tool files are checked.
    const source = await tools.read(name).catch(() => undefined);
    if (source === undefined) continue;
    const { data, syntaxProblems } = new ToolDocument(source.origin, source.text);
    if (syntaxProblems.length > 0 || !isObject(data) || (data['type'] ?? 'cli') !== 'cli') continue;
    const [command] = [data['command'] ?? data['name']].flat();
    const cwd = typeof data['cwd'] === 'string' ? resolve(basePath, data['cwd']) : process.cwd();
    if (typeof command === 'string') commands.push({ origin: source.origin, command, cwd });
  }
  return commands;
}

export function isOnPath({ command, cwd }: ToolCommand): boolean {
  if (command.includes('/')) return isExecutable(resolve(cwd, command));
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => isExecutable(join(folder, command)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
