import { Option } from 'commander';
import type { Command } from 'commander';
import type { ArtifactType } from '../../contracts/artifact-store.ts';
import type { GlobalOptions, Invocation } from '../invocation.ts';
import { printJson, printNote, printTable, printWarning } from '../output.ts';
import { oneLine } from '../terminal.ts';

/** The artifacts of the base folder: what agents see as `artifacts`. */
export function addArtifactsCommand(program: Command, invocation: Invocation): void {
  const artifacts = program
    .command('artifacts')
    .description('list, save, load and remove artifacts')
    .addHelpText('after', '\nExample:\n  ts-code-mode artifacts list');
  addList(artifacts);
  addSave(artifacts, invocation);
  addLoad(artifacts, invocation);
  addRemove(artifacts);
}

const LIST_HELP = `
--json prints [{ name, type, sizeBytes, description, metadata, createdAt }]; type is bytes, text or json.

Example:
  ts-code-mode artifacts list --json | jq 'map(.sizeBytes) | add'`;

function addList(artifacts: Command): void {
  const list = artifacts
    .command('list')
    .description('list artifacts')
    .addHelpText('after', LIST_HELP)
    .action(async () => {
      const { json, ...place } = list.optsWithGlobals<GlobalOptions>();
      const { withStores } = await import('../with-stores.ts');
      const listing = await withStores(place, (stores) => stores.artifacts.list());
      for (const { name, reason } of listing.damaged) printWarning(`the artifact ${name} is damaged: ${reason}`);
      if (json === true) return printJson(listing.artifacts);
      if (listing.artifacts.length === 0) printNote('No artifacts here yet.');
      printTable(
        listing.artifacts.map(({ name, type, sizeBytes, createdAt, description }) => {
          return [name, type, `${sizeBytes} B`, createdAt, oneLine(description)];
        }),
      );
    });
}

const SAVE_HELP = `
Without --type: JSON if the name ends in .json and the data is JSON, text if it is UTF-8, else bytes.
--json prints an element of what "artifacts list --json" prints.

Example:
  curl -s https://example.com | ts-code-mode artifacts save pages/example.html -`;

interface SaveFlags extends GlobalOptions {
  readonly type?: ArtifactType;
  readonly description?: string;
}

function addSave(artifacts: Command, invocation: Invocation): void {
  const save = artifacts
    .command('save')
    .description('save a file as an artifact; replaces one of the same name')
    .argument('<name>', 'what to call it; folders are allowed')
    .argument('<file>', 'the data, - for standard input')
    .addOption(new Option('--type <type>', 'what the data is').choices(['bytes', 'text', 'json']))
    .option('--description <text>', 'what it holds')
    .addHelpText('after', SAVE_HELP)
    .action(async (name: string, file: string) => {
      const { json, type, description, ...place } = save.optsWithGlobals<SaveFlags>();
      const [{ withStores }, { readInput }, { artifactContent }] = await Promise.all([
        import('../with-stores.ts'),
        import('../read-input.ts'),
        import('../artifact-content.ts'),
      ]);
      const data = await readInput(file, 'save', invocation.interrupts.signal);
      const content = artifactContent(name, data, type);
      const options = description === undefined ? {} : { description };
      const info = await withStores(place, (stores) => stores.artifacts.save(name, content, options));
      if (json === true) printJson(info);
      else printNote(`Saved ${info.name} (${info.type}, ${info.sizeBytes} bytes).`);
    });
}

const LOAD_HELP = `
The data is printed as it is stored, also with --json.

Examples:
  ts-code-mode artifacts load report.json
  ts-code-mode artifacts load photo.png -o photo.png`;

function addLoad(artifacts: Command, invocation: Invocation): void {
  const load = artifacts
    .command('load')
    .description("print an artifact's data")
    .argument('<name>', 'an artifact')
    .option('-o, --output <file>', 'write it to a file')
    .addHelpText('after', LOAD_HELP)
    .action(async (name: string) => {
      const { output, ...place } = load.optsWithGlobals<GlobalOptions & { output?: string }>();
      const [{ withStores }, { writeStream }, { orNotFound }] = await Promise.all([
        import('../with-stores.ts'),
        import('../write-stream.ts'),
        import('../or-not-found.ts'),
      ]);
      await withStores(place, async ({ artifacts: store }) => {
        const { stream } = await orNotFound(
          ['load', 'artifact', name],
          () => store.stream(name),
          async () => (await store.list()).artifacts.map((artifact) => artifact.name),
        );
        await writeStream(stream, output, invocation.interrupts.signal);
      });
    });
}

const REMOVE_HELP = `
On a terminal it asks first; --yes does not.
--json prints { removed: name }.

Example:
  ts-code-mode artifacts remove reports/may.json --yes`;

function addRemove(artifacts: Command): void {
  const remove = artifacts
    .command('remove')
    .description('delete an artifact')
    .argument('<name>', 'an artifact')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', REMOVE_HELP)
    .action(async (name: string) => {
      const { json, yes, ...place } = remove.optsWithGlobals<GlobalOptions & { yes?: boolean }>();
      const [{ withStores }, { confirmRemoval }, { notFound }] = await Promise.all([
        import('../with-stores.ts'),
        import('../confirm-removal.ts'),
        import('../not-found.ts'),
      ]);
      await withStores(place, async ({ artifacts: store }) => {
        const { artifacts: found, damaged } = await store.list();
        const names = [...found, ...damaged].map((artifact) => artifact.name);
        if (yes !== true && names.includes(name)) await confirmRemoval('artifact', name);
        if (!(await store.delete(name))) throw notFound('remove', 'artifact', name, names);
      });
      if (json === true) printJson({ removed: name });
      else printNote(`Removed the artifact ${name}.`);
    });
}
