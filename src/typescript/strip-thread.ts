import { workerData } from 'node:worker_threads';

import { stripSource } from './strip-source.ts';
import { isStripThreadData, SIGNAL } from './strip-types.ts';

if (isStripThreadData(workerData)) {
  const { port } = workerData;
  const signal = new Int32Array(workerData.signal);
  port.on('message', (source: string) => {
    port.postMessage(stripSource(source));
    Atomics.add(signal, SIGNAL.answers, 1);
    Atomics.notify(signal, SIGNAL.answers);
  });
  Atomics.store(signal, SIGNAL.ready, 1);
  Atomics.notify(signal, SIGNAL.ready);
}
