import type { Command } from 'commander';
import { addSearch } from '../add-search.ts';
import type { GlobalOptions, Invocation } from '../invocation.ts';
import { printData, printJson, printNote, printTable, printWarning } from '../output.ts';
import { addRunFlags } from '../run-flags.ts';
import type { RunFlags } from '../run-flags.ts';
import { oneLine } from '../terminal.ts';

/** The skills of the base folder: what agents see as `skills`. */
export function addSkillsCommand(program: Command, invocation: Invocation): void {
  const skills = program
    .command('skills')
    .description('list, search, show, add, remove and run skills')
    .addHelpText('after', '\nExample:\n  ts-code-mode skills list');
  addList(skills);
  addSearch(skills, {
    description: 'find skills by what they do',
    example: 'ts-code-mode skills search "weekly sales report"',
    search: (session, query, limit) => session.searchSkills(query, limit),
  });
  addShow(skills);
  addAdd(skills, invocation);
  addRemove(skills);
  addRun(skills, invocation);
}

const LIST_HELP = `
--json prints [{ name, description, tags, parameters: [{ name, type?, optional, rest, defaultValue?, description? }],
returns?, isAsync, typeDeclarations, origin, version }].

Example:
  ts-code-mode skills list --json | jq '.[].name'`;

function addList(skills: Command): void {
  const list = skills
    .command('list')
    .description('list skills; none is run')
    .addHelpText('after', LIST_HELP)
    .action(async () => {
      const { json, ...place } = list.optsWithGlobals<GlobalOptions>();
      const [{ withStores }, { SkillLibrary }] = await Promise.all([
        import('../with-stores.ts'),
        import('../../skills/skill-library.ts'),
      ]);
      const library = await withStores(place, async (stores) => {
        const opened = new SkillLibrary(stores.skills);
        await opened.refresh();
        return opened;
      });
      const found = library.list();
      for (const { message } of library.problems()) printWarning(message);
      if (json === true) return printJson(found);
      if (found.length === 0) printNote('No skills here yet; "ts-code-mode skills add" adds one.');
      printTable(found.map(({ name, description }) => [name, oneLine(description)]));
    });
}

const SHOW_HELP = `
--json prints an element of what "skills list --json" prints, with its source.

Example:
  ts-code-mode skills show weeklyReport > weeklyReport.ts`;

function addShow(skills: Command): void {
  const show = skills
    .command('show')
    .description("print a skill's source")
    .argument('<name>', 'a skill')
    .addHelpText('after', SHOW_HELP)
    .action(async (name: string) => {
      const { json, ...place } = show.optsWithGlobals<GlobalOptions>();
      const [{ withSession }, { findSkill }] = await Promise.all([
        import('../with-session.ts'),
        import('../find-skill.ts'),
      ]);
      const skill = await withSession(place, (session) => findSkill(session, 'show', name));
      if (json === true) printJson(skill);
      else printData(skill.source);
    });
}

const ADD_HELP = `
The file exports a function "run"; its doc comment is the skill's description. It is checked and never run.
--json prints the skill, as "skills list --json" does.

Example:
  ts-code-mode skills add weeklyReport report.ts`;

interface AddFlags extends GlobalOptions {
  readonly description?: string;
  readonly overwrite?: boolean;
}

function addAdd(skills: Command, invocation: Invocation): void {
  const add = skills
    .command('add')
    .description('save a skill')
    .argument('<name>', 'an identifier')
    .argument('<file>', 'its TypeScript, - for standard input')
    .option('--description <text>', 'written into the source when it has no doc comment')
    .option('--overwrite', 'replace a skill of that name')
    .addHelpText('after', ADD_HELP)
    .action(async (name: string, file: string) => {
      const { json, description, overwrite, ...place } = add.optsWithGlobals<AddFlags>();
      const [{ withSession }, { readTextInput }] = await Promise.all([
        import('../with-session.ts'),
        import('../read-input.ts'),
      ]);
      const source = await readTextInput(file, 'add the skill from', invocation.interrupts.signal);
      const options = { ...(description === undefined ? {} : { description }), overwrite: overwrite ?? false };
      const skill = await withSession(place, (session) => session.addSkill(name, source, options));
      if (json === true) printJson(skill);
      else printNote(`Saved ${skill.origin}.`);
    });
}

const REMOVE_HELP = `
On a terminal it asks first; --yes does not.
--json prints { removed: name }.

Example:
  ts-code-mode skills remove weeklyReport --yes`;

function addRemove(skills: Command): void {
  const remove = skills
    .command('remove')
    .description('delete a skill')
    .argument('<name>', 'a skill')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', REMOVE_HELP)
    .action(async (name: string) => {
      const { json, yes, ...place } = remove.optsWithGlobals<GlobalOptions & { yes?: boolean }>();
      const [{ withSession }, { confirmRemoval }, { notFound }] = await Promise.all([
        import('../with-session.ts'),
        import('../confirm-removal.ts'),
        import('../not-found.ts'),
      ]);
      await withSession(place, async (session) => {
        const names = (await session.listSkills()).map((skill) => skill.name);
        // A skill that does not parse is not in the list, and can be removed all the same.
        if (yes !== true && names.includes(name)) await confirmRemoval('skill', name);
        if (!(await session.removeSkill(name))) throw notFound('remove', 'skill', name, names);
      });
      if (json === true) printJson({ removed: name });
      else printNote(`Removed the skill ${name}.`);
    });
}

const RUN_HELP = `
An argument is read as JSON where it is JSON, else as text; for a parameter of type string it is always text.
Output and --json are those of "ts-code-mode run".

Examples:
  ts-code-mode skills run weeklyReport 2026-07 '{ "currency": "EUR" }'
  ts-code-mode skills run add -- -1 5`;

function addRun(skills: Command, invocation: Invocation): void {
  const run = skills
    .command('run')
    .description('run a skill in the sandbox')
    .argument('<name>', 'a skill')
    .argument('[arguments...]', 'what it is called with');
  addRunFlags(run)
    .addHelpText('after', RUN_HELP)
    .action(async (name: string, words: readonly string[]) => {
      const options = run.optsWithGlobals<RunFlags & GlobalOptions>();
      const [{ withSession }, { runCode }, { skillCall }, { findSkill }] = await Promise.all([
        import('../with-session.ts'),
        import('../run-code.ts'),
        import('../skill-call.ts'),
        import('../find-skill.ts'),
      ]);
      await withSession(options, async (session) => {
        const { parameters } = await findSkill(session, 'run', name);
        await runCode(session, skillCall(name, words, parameters), options, invocation);
      });
    });
}
