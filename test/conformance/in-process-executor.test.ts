import { describe, it } from 'vitest';

import { InProcessExecutor } from '../../src/executors/in-process/in-process-executor.ts';
import { FileStorage } from '../../src/storage/file/file-storage.ts';
import { describeExecutor } from '../../src/testing/executor-conformance.ts';
import { TempFolder } from '../support/temp-session.ts';

describeExecutor(
  'InProcessExecutor over FileStorage',
  {
    create: () => new InProcessExecutor({ workers: 1 }),
    async storage(files) {
      const folder = new TempFolder();
      await folder.write(files);
      const storage = new FileStorage({ basePath: folder.path });
      return Object.assign(storage, { [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() });
    },
  },
  { describe, it },
);
