import { buildGuest } from './build-guest.ts';

/** The tests run from `src/`, which imports the guest's bundle from `dist/`: it must be that of today's sources. */
export async function setup(): Promise<void> {
  await buildGuest().catch(() => undefined);
}
