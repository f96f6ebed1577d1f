#!/usr/bin/env node
// Plain JavaScript that any Node parses, so that an old one gets a sentence and not a stack trace.
import { readFileSync } from 'node:fs';
import module from 'node:module';

const REQUIRED_MAJOR = 24;
const args = process.argv.slice(2);

if (Number.parseInt(process.versions.node, 10) < REQUIRED_MAJOR) {
  process.stderr.write(
    `ts-code-mode needs Node ${REQUIRED_MAJOR} or newer; this is Node ${process.versions.node}. Install a newer one; in a clone, node_modules/.bin/node is one.\n`,
  );
  process.exitCode = 1;
} else if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  // Answered here: loading the commands would take longer than starting Node.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`${version}\n`);
} else {
  module.enableCompileCache();
  const { main } = await import('../dist/cli/main.js');
  process.exitCode = await main(args);
}
