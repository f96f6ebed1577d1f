import { expect, it } from 'vitest';

import { CONTROL } from '../../../src/executors/in-process/messages.ts';
import { SliceMeter } from '../../../src/executors/in-process/slice-meter.ts';

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it('finds at the end of a slice what no poll has seen', () => {
  const meter = new SliceMeter(new SharedArrayBuffer(8), () => undefined);
  meter.start(5);
  spin(20);
  expect(meter.violation).toBeUndefined();
  expect(meter.end()).toBeGreaterThan(5);
  expect(meter.violation).toMatchObject({ code: 'CPU_LIMIT' });
});

it('keeps the first reason', () => {
  const control = new SharedArrayBuffer(8);
  const meter = new SliceMeter(control, () => undefined);
  meter.start(5);
  Atomics.store(new Int32Array(control), CONTROL.interrupt, 1);
  expect(meter.poll()).toBe(true);
  spin(20);
  meter.end();
  expect(meter.violation).toMatchObject({ code: 'ABORTED' });
});

it('lets a slice within its budget be', () => {
  const meter = new SliceMeter(new SharedArrayBuffer(8), () => undefined);
  meter.start(60_000);
  meter.end();
  expect(meter.violation).toBeUndefined();
});
