import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** `npm run bench`: every comparison, one after another, so that none disturbs the next. */
const here = fileURLToPath(new URL('.', import.meta.url));
if (!existsSync(`${here}node_modules`)) {
  console.log('installing the peers (once)');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: here, stdio: 'inherit' });
}
for (const name of ['startup', 'cell-compile', 'cli-call', 'sandbox', 'store-bootstrap']) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--disable-warning=ExperimentalWarning', `${here}${name}.ts`],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exitCode = 1;
}
