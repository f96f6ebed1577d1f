import { Option } from 'commander';
import type { Command } from 'commander';
import { EXIT_USAGE } from '../exit-code.ts';
import type { GlobalOptions, Invocation } from '../invocation.ts';
import { printError, printJson, printNote, printTable, printWarning } from '../output.ts';
import type { Ends, GivenAddress } from '../store/copy-command.ts';
import type { Kind } from '../store/kinds.ts';
import { oneLine } from '../terminal.ts';
import { usageError } from '../usage-error.ts';

const ADDRESSES = `
A STORE is a folder (./storage, file:./storage), a Redis URL (redis://... or rediss://..., with --prefix, or ?prefix=NAME
at its end; &cluster=true for a cluster), or env:NAME: the environment variable NAME holds one of these, so that no
password is on the command line.`;

interface StoreFlags extends GlobalOptions {
  readonly type?: Kind | 'all';
}

interface CopyOptions extends StoreFlags {
  readonly clear?: boolean;
  readonly dryRun?: boolean;
}

/** Fills, compares and copies whole stores. */
export function addStoreCommand(program: Command, invocation: Invocation): void {
  const store = program
    .command('store')
    .description('fill, list, compare and copy whole stores: folders, Redis')
    .addHelpText(
      'after',
      `${ADDRESSES}\n\nExample:\n  ts-code-mode store list --target redis://localhost --prefix myapp`,
    );
  addBootstrap(store, invocation);
  addList(store, invocation);
  addPull(store, invocation);
  addDiff(store, invocation);
  addCopy(store, invocation);
}

function addType(command: Command): Command {
  const option = new Option('--type <type>', 'what it is about (default: what the source and the prefix tell)');
  return command.addOption(option.choices(['tools', 'skills', 'artifacts', 'all']));
}

function addCopyFlags(command: Command): Command {
  return addType(command)
    .option('--clear', 'remove what the source does not have, of the kinds that it has, at the end')
    .option('--dry-run', 'say what would be done');
}

const REPORT_HELP = `--json prints { source, target, dryRun, tools?, skills?, artifacts?: { added: [name], changed, unchanged, removed },
skipped: [{ kind, name, reason }] }; what is wrong is in error.details.problems: [{ file, message, line?, column? }].`;

const BOOTSTRAP_HELP = `
DIR has tools/, skills/ or artifacts/, or tool files alone, or skills alone. Everything is checked first: when something is
wrong, all of it is listed and nothing is written.
${ADDRESSES}
${REPORT_HELP}

Examples:
  ts-code-mode store bootstrap --source . --target redis://localhost --prefix myapp
  ts-code-mode store bootstrap --source ./skills --target env:REDIS_URL --prefix myapp --clear`;

function addBootstrap(store: Command, invocation: Invocation): void {
  const bootstrap = store
    .command('bootstrap')
    .description('fill a store from a folder')
    .requiredOption('--source <dir>', 'the folder')
    .requiredOption('--target <store>', 'the store to write to');
  addCopyFlags(bootstrap)
    .addHelpText('after', BOOTSTRAP_HELP)
    .action(async () => {
      const flags = bootstrap.optsWithGlobals<CopyOptions & { source: string; target: string }>();
      refuseStrays(bootstrap);
      const { copyCommand } = await import('../store/copy-command.ts');
      const ends = endsOf(
        flags,
        { option: '--source', text: flags.source },
        { option: '--target', text: flags.target },
      );
      await copyCommand(ends, { ...flags, verb: 'bootstrap', check: true }, invocation);
    });
}

const LIST_HELP = `${ADDRESSES}
--json prints { tools?: [{ name, origin, problem? }], skills?: [the same], artifacts?: [as "artifacts list"],
damaged?: [{ name, reason }] }.

Example:
  ts-code-mode store list --target redis://localhost --prefix myapp --type skills`;

function addList(store: Command, invocation: Invocation): void {
  const list = store
    .command('list')
    .description('list what a store holds')
    .requiredOption('--target <store>', 'the store');
  addType(list)
    .addHelpText('after', LIST_HELP)
    .action(async () => {
      const flags = list.optsWithGlobals<StoreFlags & { target: string }>();
      refuseStrays(list);
      const [{ parseAddress, kindOf }, { openSource }, { listStore }] = await Promise.all([
        import('../store/store-address.ts'),
        import('../store/open-store.ts'),
        import('../store/list-store.ts'),
      ]);
      const address = parseAddress('--target', flags.target, flags.prefix);
      const kind = kindOf(flags.type, [address]);
      await using opened = await openSource('--target', address, kind);
      const kinds = kind === undefined || kind === 'all' ? opened.kinds : [kind];
      const listing = await listStore(opened, kinds, invocation.interrupts.signal);
      if (flags.json === true) return printJson(listing);
      const { tools = [], skills = [], artifacts = [], damaged = [] } = listing;
      for (const { problem } of [...tools, ...skills]) if (problem !== undefined) printWarning(problem);
      for (const { name, reason } of damaged) printWarning(`the artifact ${name} is damaged: ${reason}`);
      const rows = artifacts.map(({ name, type, sizeBytes, createdAt, description }) => {
        return [`artifacts/${name}`, `${type}, ${sizeBytes} B, ${createdAt}`, oneLine(description)];
      });
      printTable([...[...tools, ...skills].map(({ origin }) => [oneLine(origin), '', '']), ...rows]);
      if (tools.length + skills.length + artifacts.length === 0) printNote(`There is nothing in ${address.shown}.`);
    });
}

const PULL_HELP = `
Artifacts keep their descriptions, metadata and times. With --type, or a prefix of one kind, files lie in DIR itself
unless it has tools/, skills/ or artifacts/. Nothing is removed from DIR. What can't be read is left out and named; the exit
code is 1 then.
${ADDRESSES}
${REPORT_HELP}

Example:
  ts-code-mode store pull --target redis://localhost --prefix myapp --dest ./backup`;

function addPull(store: Command, invocation: Invocation): void {
  const pull = store
    .command('pull')
    .description('copy what a store holds into a folder')
    .requiredOption('--target <store>', 'the store')
    .requiredOption('--dest <dir>', 'the folder; made if need be');
  addType(pull)
    .option('--dry-run', 'say what would be done')
    .addHelpText('after', PULL_HELP)
    .action(async () => {
      const flags = pull.optsWithGlobals<CopyOptions & { target: string; dest: string }>();
      refuseStrays(pull);
      const { copyCommand } = await import('../store/copy-command.ts');
      const ends = endsOf(flags, { option: '--target', text: flags.target }, { option: '--dest', text: flags.dest });
      // What does not load is pulled too: it is to be repaired.
      await copyCommand(ends, { ...flags, verb: 'pull', check: false, flatTarget: true }, invocation);
    });
}

const DIFF_HELP = `
Prints "+ name" for what only the source has, "- name" for what only the target has, "~ name" for what differs and
"= name" for what is the same. Times of artifacts don't count. What can't be read is named, and is a difference. Exit codes:
0 the same, 1 different, 2 trouble.
${ADDRESSES}
--json prints { source, target, same, tools?, skills?, artifacts?: { added: [name], changed, unchanged, removed },
skipped: [{ kind, name, reason }] }.

Example:
  ts-code-mode store diff --source . --target redis://localhost --prefix myapp`;

function addDiff(store: Command, invocation: Invocation): void {
  const diff = store
    .command('diff')
    .description('compare two stores')
    .requiredOption('--source <store>', 'a store, or a folder as for bootstrap')
    .requiredOption('--target <store>', 'the store to compare it with');
  addType(diff)
    .addHelpText('after', DIFF_HELP)
    .action(async () => {
      const { interrupts } = invocation;
      try {
        const flags = diff.optsWithGlobals<StoreFlags & { source: string; target: string }>();
        refuseStrays(diff);
        const { diffCommand } = await import('../store/copy-command.ts');
        const ends = endsOf(
          flags,
          { option: '--source', text: flags.source },
          { option: '--target', text: flags.target },
        );
        if (await diffCommand(ends, flags.json === true, invocation)) invocation.exitCode = 1;
      } catch (error) {
        if (interrupts.exitCode !== undefined) throw error;
        await reportTrouble(error, diff.optsWithGlobals<GlobalOptions>().json === true);
        invocation.exitCode = EXIT_USAGE;
      }
    });
}

/** For a command whose exit code 1 says something else than failure. */
async function reportTrouble(error: unknown, json: boolean): Promise<void> {
  const { toErrorData } = await import('../../errors/error-data.ts');
  const data = toErrorData(error);
  if (json) printJson({ error: data });
  else printError(data);
}

const COPY_HELP = `
Everything is checked first, as by bootstrap.
${ADDRESSES}
${REPORT_HELP}

Example:
  ts-code-mode store copy --from file:./storage --to 'redis://localhost?prefix=myapp'`;

function addCopy(store: Command, invocation: Invocation): void {
  const copy = store
    .command('copy')
    .description('copy what a store holds into another')
    .requiredOption('--from <store>', 'the store to read')
    .requiredOption('--to <store>', 'the store to write to');
  addCopyFlags(copy)
    .addHelpText('after', COPY_HELP)
    .action(async () => {
      const flags = copy.optsWithGlobals<CopyOptions & { from: string; to: string }>();
      refuseStrays(copy);
      const { copyCommand } = await import('../store/copy-command.ts');
      const ends = endsOf(flags, { option: '--from', text: flags.from }, { option: '--to', text: flags.to });
      await copyCommand(ends, { ...flags, verb: 'copy', check: true }, invocation);
    });
}

function endsOf({ prefix, type }: StoreFlags, source: GivenAddress, target: GivenAddress): Ends {
  return { source, target, prefix, type };
}

/** @throws {CodeModeError} `INVALID_OPTION` for the options that say which store the other commands work on */
function refuseStrays(command: Command): void {
  const flags = command.optsWithGlobals<GlobalOptions>();
  const stray = (['base', 'store'] as const).find((name) => flags[name] !== undefined);
  if (stray === undefined) return;
  const own = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => long);
  throw usageError(`Cannot use --${stray} here: expected ${own.join(' and ')} alone`);
}
