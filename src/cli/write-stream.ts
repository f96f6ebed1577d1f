import { createWriteStream } from 'node:fs';
import { lstat, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { fileProblem } from './file-problem.ts';
import { printData } from './output.ts';

type Bytes = ReadableStream<Uint8Array>;

/** Copies a stream to a file, or to stdout without one. A file appears whole or not at all. */
export async function writeStream(stream: Bytes, file: string | undefined, signal: AbortSignal): Promise<void> {
  if (file !== undefined) return writeFile(stream, file, signal);
  if (process.stdout.isTTY) return show(stream);
  await pipeline(stream, process.stdout, { end: false, signal });
}

async function show(stream: Bytes): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) printData(decoder.decode(chunk, { stream: true }));
  printData(decoder.decode());
}

async function writeFile(stream: Bytes, file: string, signal: AbortSignal): Promise<void> {
  try {
    if (!(await canBeReplaced(file))) return await pipeline(stream, createWriteStream(file), { signal });
    const partial = `${file}.${process.pid}.partial`;
    try {
      await pipeline(stream, createWriteStream(partial, { flags: 'wx' }), { signal });
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
  } catch (cause) {
    if (cause instanceof CodeModeError) throw cause;
    const reason = fileProblem(cause, `there is no folder ${dirname(file)}; make it, or write to another one`);
    throw new CodeModeError('STORAGE', `Cannot write ${file}: ${reason}`, { cause });
  }
}

/** A device, a pipe or a link is written to, never replaced. */
async function canBeReplaced(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isFile();
  } catch {
    return true;
  }
}
