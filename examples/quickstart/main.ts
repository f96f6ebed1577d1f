/**
 * The quickstart: `npm start`.
 *
 * An agent's TypeScript runs in a sandbox and calls real commands; what works is saved as a skill, and another
 * process finds it. Needs no account and no network: the server that curl talks to is started here.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileStorage, Session } from 'ts-code-mode';

import { heading, say, showRun } from './narrator.ts';
import { startShopServer } from './shop-server.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const STORAGE = fileURLToPath(new URL('storage', import.meta.url));
const SECOND_PROCESS = fileURLToPath(new URL('second-process.ts', import.meta.url));

const SPENDING_CODE = `
type Customer = { id: number; name: string };
const get = async (path: string) => JSON.parse(await tools.curl.get({ url: shop + path }));

const customers: Customer[] = await get('/customers');
const spending = await Promise.all(
  customers.map(async ({ id, name }) => {
    const orders: { total: number }[] = await get(\`/customers/\${id}/orders\`);
    return { name, spent: orders.reduce((sum, order) => sum + order.total, 0) };
  }),
);
console.log(\`\${spending.length} customers\`);
await tools.sort({ text: spending.map((c) => \`\${c.spent} \${c.name}\`).join('\\n'), numeric: true, reverse: true })`;

const REPOSITORY_CODE = `
const [commits, files] = await Promise.all([tools.git_log({ limit: 500 }), tools.git_files()]);
const [hash, date, , subject] = commits[0].split('\\t');
const byKind = Object.groupBy(files, (file) => /[^/](\\.\\w+)$/.exec(file)?.[1] ?? 'other');
const kinds = Object.entries(byKind)
  .map(([kind, members]) => ({ kind, count: members.length }))
  .toSorted((a, b) => b.count - a.count);
const report = {
  commits: commits.length,
  newest: { hash, date, subject },
  files: files.length,
  mostly: kinds.slice(0, 3),
};
await artifacts.save('reports/repository.json', report, 'What is in the repository');
report`;

const SKILL_CODE = `
await skills.create('bestCustomers', \`
/**
 * The customers of a shop who spend the most, best first.
 *
 * @param shop the shop's address, such as http://127.0.0.1:8080
 * @param limit how many to answer
 */
export async function run(shop: string, limit: number = 3): Promise<{ name: string; spent: number }[]> {
  const get = async (path: string) => JSON.parse(await tools.curl.get({ url: shop + path }));
  const customers: { id: number; name: string }[] = await get('/customers');
  const spending = await Promise.all(
    customers.map(async ({ id, name }) => {
      const orders: { total: number }[] = await get('/customers/' + id + '/orders');
      return { name, spent: orders.reduce((sum, order) => sum + order.total, 0) };
    }),
  );
  return spending.toSorted((a, b) => b.spent - a.spent).slice(0, limit);
}
\`);
const [best] = await skills.bestCustomers(shop, 1);
best`;

// git's tools have no "cwd": they look at the folder that this process is in.
process.chdir(REPOSITORY);
const basePath = await mkdtemp(join(tmpdir(), 'ts-code-mode-quickstart-'));
try {
  await cp(STORAGE, basePath, { recursive: true });
  await quickstart(basePath);
} catch (error) {
  console.error(`\nThe quickstart failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await rm(basePath, { recursive: true, force: true });
}

async function quickstart(folder: string): Promise<void> {
  const startedAt = performance.now();
  await using shop = await startShopServer();
  await using session = await Session.open({ storage: new FileStorage({ basePath: folder }) });
  const tools = await session.listTools();
  say(`A session over ${folder}`);
  say(`Its tools are commands that YAML files describe: ${tools.map(({ name }) => name).join(', ')}`);

  await callToolsInParallel(session, shop.url);
  await reportOnRepository(session);
  await saveSkill(session);
  heading('4. Another process finds the skill by search, and calls it');
  await runSecondProcess(folder, shop.url);
  await makeMistakes(session);
  heading(`Done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  say(
    'Now your own: "node_modules/.bin/node bin/ts-code-mode.js init" here, or "npx ts-code-mode init" in a project that has it.',
  );
  say('The tool files are in examples/quickstart/storage/tools, more to copy in examples/tools.');
}

async function callToolsInParallel(session: Session, shop: string): Promise<void> {
  heading('1. The agent calls tools in parallel and works on what they answer');
  // Variables persist from run to run.
  const prepared = await session.run(`const shop = ${JSON.stringify(shop)};`);
  assert.ok(prepared.ok, 'a run can declare a variable');
  const result = await showRun(session, SPENDING_CODE);
  assert.ok(result.ok, 'the tools answer');
  assert.deepEqual(result.value, ['510 Radia', '487.25 Konrad', '140.4 Ada', '42 Grace']);
  assert.equal(result.toolCalls.filter(({ outcome }) => outcome === 'ok').length, 6);
}

async function reportOnRepository(session: Session): Promise<void> {
  heading('2. It reads this very repository with git, and saves an artifact');
  const result = await showRun(session, REPOSITORY_CODE);
  assert.ok(result.ok, 'git answers');
  const { data, description, sizeBytes } = await session.loadArtifact('reports/repository.json');
  assert.deepEqual(data, result.value);
  say(`the host reads it back: reports/repository.json, "${description}", ${sizeBytes} bytes`);
}

async function saveSkill(session: Session): Promise<void> {
  heading('3. It saves what works as a skill');
  const result = await showRun(session, SKILL_CODE);
  assert.ok(result.ok, 'the skill is saved and runs');
  assert.deepEqual(result.value, { name: 'Radia', spent: 510 });
}

async function runSecondProcess(folder: string, shop: string): Promise<void> {
  const child = spawn(process.execPath, [SECOND_PROCESS, folder, shop], { stdio: 'inherit' });
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(exitCode, 0, 'the second process succeeds');
}

async function makeMistakes(session: Session): Promise<void> {
  heading('5. It makes mistakes, and is told what to write instead');
  const unknownTool = await showRun(session, `await tools.crul.get({ url: shop })`);
  assert.match(unknownTool.ok ? '' : unknownTool.error.message, /Did you mean curl/);
  const unknownArgument = await showRun(session, `await tools.curl.get({ ulr: shop })`);
  assert.match(unknownArgument.ok ? '' : unknownArgument.error.message, /did you mean "url"/);
}
