import { EXIT_FAILED } from '../exit-code.ts';
import type { Invocation } from '../invocation.ts';
import { printJson, printLine, printNote, printWarning } from '../output.ts';
import { compareStores, copyStore } from './copy-store.ts';
import type { CopyReport, Route } from './copy-store.ts';
import { KINDS } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { checkFolder, openSource, openTarget } from './open-store.ts';
import type { CopyContext, Difference } from './part.ts';
import { Progress } from './progress.ts';
import { kindOf, parseAddress } from './store-address.ts';
import type { StoreAddress } from './store-address.ts';

/** From where to where, as it was given. */
export interface Ends {
  readonly source: GivenAddress;
  readonly target: GivenAddress;
  readonly prefix: string | undefined;
  readonly type: Kind | 'all' | undefined;
}

export interface GivenAddress {
  /** `--source` */
  readonly option: string;
  readonly text: string;
}

export interface CopyFlags {
  /** For messages: `bootstrap`. */
  readonly verb: string;
  /** Refuse all when something can't be read or would not load. */
  readonly check: boolean;
  readonly clear?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly json?: boolean | undefined;
  /** A folder that gets one kind alone gets it without a folder of that name. */
  readonly flatTarget?: boolean;
}

const MARKS = [
  ['added', '+'],
  ['changed', '~'],
  ['removed', '-'],
] as const;

/** Copies, and prints what came of it. The exit code is 1 when something had to be left out as it can't be read. */
export async function copyCommand(ends: Ends, flags: CopyFlags, invocation: Invocation): Promise<void> {
  const { source: from, target: to, kind } = parseEnds(ends);
  const { clear = false, dryRun = false, verb, check, json } = flags;
  await using source = await openSource(ends.source.option, from, kind);
  await using target = await openTarget(to, flags.flatTarget === true && kind !== 'all' ? kind : undefined);
  using progress = new Progress();
  const report = await copyStore(
    { source, target },
    { action: `${verb} from ${from.shown}`, kinds: kindsOf(kind, source.kinds), check, clear, dryRun },
    contextOf(to, progress, invocation.interrupts.signal),
  );
  progress[Symbol.dispose]();
  if (!report.isComplete) invocation.exitCode = EXIT_FAILED;
  if (json === true)
    return printJson({ source: from.shown, target: to.shown, dryRun, ...report.kinds, skipped: report.skipped });
  warnOfSkipped(report);
  if (dryRun) printChanges(report, MARKS);
  printSummary(report, dryRun ? `${to.shown} would have` : to.shown);
}

/**
 * Prints how two stores differ.
 *
 * @returns whether they do
 */
export async function diffCommand(ends: Ends, json: boolean, { interrupts }: Invocation): Promise<boolean> {
  const { source: from, target: to, kind } = parseEnds(ends);
  await using source = await openSource(ends.source.option, from, kind);
  checkFolder(ends.target.option, to);
  const kinds = kindsOf(kind, source.kinds);
  await using target = await openTarget(to, kinds.length === 1 ? kinds[0] : undefined);
  using progress = new Progress();
  const route: Route = { source, target };
  const report = await compareStores(route, kinds, contextOf(to, progress, interrupts.signal));
  progress[Symbol.dispose]();
  const isSame =
    report.isComplete &&
    differencesOf(report).every(
      ([, { added, changed, removed }]) => added.length + changed.length + removed.length === 0,
    );
  if (json) printJson({ source: from.shown, target: to.shown, same: isSame, ...report.kinds, skipped: report.skipped });
  else {
    warnOfSkipped(report);
    printChanges(report, [...MARKS, ['unchanged', '=']]);
  }
  return !isSame;
}

function parseEnds({ source, target, prefix, type }: Ends) {
  const from = parseAddress(source.option, source.text, prefix);
  const to = parseAddress(target.option, target.text, prefix);
  return { source: from, target: to, kind: kindOf(type, [from, to]) };
}

function kindsOf(kind: Kind | 'all' | undefined, ofSource: readonly Kind[]): readonly Kind[] {
  return kind === undefined || kind === 'all' ? ofSource : [kind];
}

function contextOf(target: StoreAddress, steps: Progress, signal: AbortSignal): CopyContext {
  return { steps, signal, foldsCase: target.type === 'folder' };
}

function differencesOf({ kinds }: CopyReport): [Kind, Difference][] {
  return KINDS.flatMap((kind) => {
    const difference = kinds[kind];
    return difference === undefined ? [] : [[kind, difference]];
  });
}

function printChanges(report: CopyReport, marks: readonly (readonly [keyof Difference, string])[]): void {
  for (const [kind, difference] of differencesOf(report)) {
    for (const [change, mark] of marks)
      for (const name of difference[change]) printLine(`${mark} ${kind}/${shownName(name)}`);
  }
}

function warnOfSkipped({ skipped }: CopyReport): void {
  for (const { kind, name, reason } of skipped) printWarning(`left out ${kind}/${shownName(name)}: ${reason}`);
}

function printSummary(report: CopyReport, target: string): void {
  printNote(`${target}:`);
  for (const [kind, { added, changed, removed, unchanged }] of differencesOf(report)) {
    const counts = [
      `${added.length} added`,
      `${changed.length} changed`,
      `${removed.length} removed`,
      `${unchanged.length} unchanged`,
    ];
    printNote(`  ${kind}: ${counts.join(', ')}`);
  }
}

/** What another program put into a Redis may have a name that no tool or skill can have here. */
function shownName(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, '?');
}
