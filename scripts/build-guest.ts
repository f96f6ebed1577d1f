import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';

import { ROOT } from './root.ts';

/** What runs inside the sandbox. */
const SCRIPTS = [
  {
    file: 'guest-prelude',
    entry: 'src/guest/prelude.ts',
    constant: 'GUEST_PRELUDE',
    value: 'boot',
    about: 'The script that makes a sandbox, as text. Its value is `boot`.',
  },
  {
    file: 'guest-driver',
    entry: 'src/executors/subprocess/guest/driver.ts',
    constant: 'GUEST_DRIVER',
    value: 'prepare',
    about: 'The script that prepares an isolate of V8 for the prelude, as text. Its value is `prepare`.',
  },
] as const;

/**
 * Bundles what runs inside the sandbox, each into one script, as a module that exports its text:
 * `dist/guest-prelude.js`, `dist/guest-driver.js`. A script's value is a function of its source; it leaves nothing on
 * the guest's global.
 *
 * @returns the files it made, relative to `dist/`.
 */
export async function buildGuest(): Promise<readonly string[]> {
  const files = await Promise.all(SCRIPTS.map(buildScript));
  return files.flat();
}

async function buildScript({
  file,
  entry,
  constant,
  value,
  about,
}: (typeof SCRIPTS)[number]): Promise<readonly string[]> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'guest',
    // Neutral: an import of Node's modules is an error here, because the guest has none.
    platform: 'neutral',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'error',
  });
  const script = `(() => { ${outputFiles[0]?.text ?? ''} return guest.${value}; })()`;
  const files = {
    [`${file}.js`]: `export const ${constant} = ${JSON.stringify(script)};\n`,
    [`${file}.d.ts`]: `/** ${about} */\nexport declare const ${constant}: string;\n`,
  };
  const dist = join(ROOT, 'dist');
  mkdirSync(dist, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const stage = join(dist, `.${name}.${process.pid}`);
    writeFileSync(stage, text);
    renameSync(stage, join(dist, name));
  }
  return Object.keys(files);
}
