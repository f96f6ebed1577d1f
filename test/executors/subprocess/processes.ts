import { readdirSync, readFileSync } from 'node:fs';

import { expect } from 'vitest';

/** The processes that `parent` has started, and those that these have started, and so on. Linux only. */
export function descendants(parent: number = process.pid): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parentId = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parentId !== undefined) children.set(parentId, [...(children.get(parentId) ?? []), Number(name)]);
  }
  const find = (id: number): number[] => (children.get(id) ?? []).flatMap((child) => [child, ...find(child)]);
  return find(parent);
}

/** Those among them that host guests. */
export function sandboxes(parent: number = process.pid): number[] {
  return descendants(parent).filter((id) => {
    const [program = '', ...args] = commandOf(id);
    return program.endsWith('node') && args.includes('--permission');
  });
}

export function isAlive(id: number): boolean {
  const state = readProc(`${id}/stat`)?.replace(/^.*\) /s, '')[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(condition()).toBe(true);
}

function commandOf(id: number): string[] {
  return (readProc(`${id}/cmdline`) ?? '').split('\0');
}

function parentOf(id: string): number | undefined {
  const fields = readProc(`${id}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields === undefined ? undefined : Number(fields[1]);
}

/** `undefined` when the process is gone. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return undefined;
  }
}
