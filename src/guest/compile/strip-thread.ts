import { workerData } from 'node:worker_threads';

import { stripSource } from './strip-source.ts';
import { SIGNAL } from './strip-types.ts';
import type { StripThreadData } from './strip-types.ts';

const { port, signal } = workerData as StripThreadData;
const cells = new Int32Array(signal);

port.on('message', (source: string) => {
  port.postMessage(stripSource(source));
  Atomics.add(cells, SIGNAL.answers, 1);
  Atomics.notify(cells, SIGNAL.answers);
});
Atomics.store(cells, SIGNAL.ready, 1);
Atomics.notify(cells, SIGNAL.ready);
