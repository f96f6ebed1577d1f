import type { Command } from 'commander';
import type { Tool, ToolCallable } from '../../contracts/tool.ts';
import type { CallableListing } from '../../tools/describe-tool.ts';
import { addSearch } from '../add-search.ts';
import type { GlobalOptions, Invocation } from '../invocation.ts';
import { printJson, printLine, printLog, printNote, printTable, printValue, printWarning } from '../output.ts';
import { oneLine } from '../terminal.ts';

/** The tools of the base folder: what agents see as `tools`. */
export function addToolsCommand(program: Command, invocation: Invocation): void {
  const tools = program
    .command('tools')
    .description('list, search, show, call and check tools')
    .addHelpText('after', '\nExample:\n  ts-code-mode tools list');
  addList(tools);
  addSearch(tools, {
    description: 'find tools by what they do',
    example: 'ts-code-mode tools search "fetch a web page"',
    search: (session, query, limit) => session.searchTools(query, limit),
  });
  addShow(tools);
  addCall(tools, invocation);
  addCheck(tools, invocation);
}

const LIST_HELP = `
--json prints [{ name, description, tags, origin, warnings, callables: [{ name, description, inputSchema,
outputSchema? }] }]; a callable's name is "" for the tool itself.

Example:
  ts-code-mode tools list --json | jq '.[].name'`;

function addList(tools: Command): void {
  const list = tools
    .command('list')
    .description('list what can be called')
    .addHelpText('after', LIST_HELP)
    .action(async () => {
      const { json, ...place } = list.optsWithGlobals<GlobalOptions>();
      const [{ withStores }, { ToolRegistry }, { formatToolProblem }] = await Promise.all([
        import('../with-stores.ts'),
        import('../../tools/tool-registry.ts'),
        import('../../tools/tool-problem.ts'),
      ]);
      const { found, problems } = await withStores(place, async (stores, basePath) => {
        await using registry = new ToolRegistry(stores.tools, { basePath, env: process.env });
        await registry.refresh();
        return { found: registry.tools(), problems: registry.problems() };
      });
      for (const problem of problems) printWarning(formatToolProblem(problem));
      if (json === true) return printJson(found);
      if (found.length === 0) printNote('No tools here yet; "ts-code-mode init" makes an example.');
      printTable(found.flatMap((tool) => tool.callables.map((callable) => callableRow(tool, callable))));
    });
}

function callableRow(tool: Tool, callable: ToolCallable): readonly [string, string] {
  return [pathOf(tool, callable), oneLine(callable.description === '' ? tool.description : callable.description)];
}

function pathOf(tool: Tool, { name }: ToolCallable): string {
  return name === '' ? tool.name : `${tool.name}.${name}`;
}

const SHOW_HELP = `
--json prints one element of what "tools list --json" prints.

Example:
  ts-code-mode tools show curl`;

function addShow(tools: Command): void {
  const show = tools
    .command('show')
    .description('print what a tool does and what its calls take')
    .argument('<name>', 'a tool')
    .addHelpText('after', SHOW_HELP)
    .action(async (name: string) => {
      const { json, ...place } = show.optsWithGlobals<GlobalOptions>();
      const [{ withSession }, { findTool }] = await Promise.all([
        import('../with-session.ts'),
        import('../find-tool.ts'),
      ]);
      const tool = findTool(await withSession(place, (session) => session.listTools()), name);
      if (json === true) return printJson(tool);
      const { describeCallables } = await import('../../tools/describe-tool.ts');
      const tags = tool.tags.length > 0 ? ` [${tool.tags.join(', ')}]` : '';
      printLine(`${tool.name} (${tool.origin})${tags}`);
      if (tool.description !== '') printLine(indented(tool.description, 2));
      for (const callable of describeCallables(tool)) printLine(`\n${describe(tool, callable)}`);
      for (const warning of tool.warnings) printWarning(warning);
    });
}

function describe(tool: Tool, { signature, description, parameters }: CallableListing): string {
  const lines = parameters.map((parameter) => {
    const notes = [
      parameter.description,
      parameter.required ? '(required)' : '',
      parameter.default === undefined ? '' : `(default: ${JSON.stringify(parameter.default)})`,
    ];
    return `    ${parameter.name}: ${notes.filter((note) => note !== '').join(' ')}`.trimEnd();
  });
  const own = description === '' || description === tool.description ? [] : [indented(description, 2)];
  return [signature, ...own, ...lines].join('\n');
}

function indented(text: string, columns: number): string {
  return text.trim().replaceAll(/^/gm, ' '.repeat(columns));
}

const CALL_HELP = `
Values are read as the tool's schema says; name:=JSON gives any JSON, and a name given again makes a list.
--json prints { value }.

Examples:
  ts-code-mode tools call curl.get url=https://example.com
  ts-code-mode tools call git_log limit=5
  ts-code-mode tools call jq --args '{ "filter": ".name", "input": "{ \\"name\\": 1 }" }'`;

function addCall(tools: Command, invocation: Invocation): void {
  const call = tools
    .command('call')
    .description('call a tool')
    .argument('<name>', 'a tool (curl) or one of its callables (curl.get)')
    .argument('[arguments...]', 'name=value')
    .option('--args <json>', 'the arguments as a JSON object')
    .addHelpText('after', CALL_HELP)
    .action(async (name: string, words: readonly string[]) => {
      const { json, args, ...place } = call.optsWithGlobals<GlobalOptions & { args?: string }>();
      const [{ withSession }, { inputSchemaOf }, { readCallArguments }, { withoutToldStderr }] = await Promise.all([
        import('../with-session.ts'),
        import('../find-tool.ts'),
        import('../call-arguments.ts'),
        import('../told-stderr.ts'),
      ]);
      const { signal } = invocation.interrupts;
      const value = await withSession(place, async (session) => {
        const given = readCallArguments(words, args, inputSchemaOf(await session.listTools(), name));
        return session.callTool(name, given, { signal, onStderr: printLog });
      }).catch((error: unknown) => {
        throw withoutToldStderr(error);
      });
      if (json === true) printJson({ value });
      else await printValue(value);
    });
}

const CHECK_HELP = `
Fails when a file does not load.
--json prints { files, problems: [{ origin, line, column, message, expected?, snippet? }], warnings: [text] }.

Example:
  ts-code-mode tools check`;

function addCheck(tools: Command, invocation: Invocation): void {
  const check = tools
    .command('check')
    .description('say what is wrong with tool files, with line and column')
    .addHelpText('after', CHECK_HELP)
    .action(async () => {
      const { json, ...place } = check.optsWithGlobals<GlobalOptions>();
      const [{ withStores }, { checkToolFiles }, { formatToolProblem }] = await Promise.all([
        import('../with-stores.ts'),
        import('../check-tool-files.ts'),
        import('../../tools/tool-problem.ts'),
      ]);
      const found = await withStores(place, (stores, folder) => checkToolFiles(stores.tools, folder));
      const { missing, ...loaded } = found;
      const report = { ...loaded, warnings: [...loaded.warnings, ...missing.folders.map(formatToolProblem)] };
      if (report.problems.length > 0) invocation.exitCode = 1;
      if (json === true) return printJson(report);
      for (const problem of report.problems) printLine(formatToolProblem(problem));
      for (const warning of report.warnings) printLine(`${warning} (warning)`);
      const { files, problems, warnings } = report;
      printNote(
        `${counted(files, 'file')}, ${counted(problems.length, 'problem')}, ${counted(warnings.length, 'warning')}`,
      );
    });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
