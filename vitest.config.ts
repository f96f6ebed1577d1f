import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['scripts/vitest-setup.ts'],
    // Processes, not threads: the tests start worker threads and processes of their own, and change the environment.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
