import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'esbuild';

import { ROOT } from './root.ts';

/**
 * Bundles what runs inside the sandbox into one script, as a module that exports its text: `dist/guest-prelude.js`.
 * The value of the script is the `boot` function of `src/guest/prelude.ts`; it leaves nothing on the guest's global.
 *
 * @returns the files it made, relative to `dist/`.
 */
export async function buildGuest(): Promise<readonly string[]> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/guest/prelude.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'prelude',
    // Neutral: an import of Node's modules is an error here, because the guest has none.
    platform: 'neutral',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'error',
  });
  const script = `(() => { ${outputFiles[0]?.text ?? ''} return prelude.boot; })()`;
  const files = {
    'guest-prelude.js': `export const GUEST_PRELUDE = ${JSON.stringify(script)};\n`,
    'guest-prelude.d.ts':
      '/** The script that makes a sandbox, as text. Its value is `boot`. */\nexport declare const GUEST_PRELUDE: string;\n',
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
