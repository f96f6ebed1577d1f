import { describe, it } from 'vitest';

import { SubprocessExecutor } from '../../src/executors/subprocess/subprocess-executor.ts';
import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { describeExecutor } from '../../src/testing/executor-conformance.ts';
import { TempFolder } from '../support/temp-session.ts';

describe.each(['v8', 'quickjs'] as const)('%s', (engine) => {
  describeExecutor(
    `SubprocessExecutor (${engine}) over FileStorage`,
    {
      create: () => new SubprocessExecutor({ engine, warmProcesses: 0 }),
      async storage(files) {
        const folder = new TempFolder();
        await folder.write(files);
        const storage = new FileStorage({ basePath: folder.path });
        return Object.assign(storage, { [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() });
      },
    },
    { describe, it },
  );
});
