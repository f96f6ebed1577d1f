import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { buildGuest } from './build-guest.ts';
import { ROOT } from './root.ts';

/**
 * The tests run from `src/`, which imports the guest's bundle from `dist/`: it must be that of today's sources. When
 * they can't be bundled there is none, so that the tests that need it fail and the others still run.
 */
export async function setup(): Promise<void> {
  try {
    await buildGuest();
  } catch {
    // The bundler has printed why.
    rmSync(join(ROOT, 'dist', 'guest-prelude.js'), { force: true });
  }
}
