import { describe, expect, it } from 'vitest';

import type { FromWorker, ToWorker } from '../../../src/executors/in-process/messages.ts';
import {
  packFromWorker,
  packToWorker,
  unpackFromWorker,
  unpackToWorker,
} from '../../../src/executors/in-process/wire.ts';

const plain = (text: string) => ({ text, plain: true, parts: [] });

describe('messages between host and worker', () => {
  it.each<[string, ToWorker, boolean]>([
    ['a slice without answers', { type: 'slice', session: 3, run: 2, callBytesInFlight: 0, answers: [] }, true],
    [
      'a slice with answers',
      {
        type: 'slice',
        session: 3,
        run: 2,
        callBytesInFlight: 70,
        answers: [
          { id: 7, ok: true, encoded: plain('[1]') },
          { id: 8, ok: false, encoded: { text: '["u"]', plain: false, parts: [] } },
        ],
      },
      true,
    ],
    [
      'an answer with bytes',
      {
        type: 'slice',
        session: 3,
        run: 2,
        callBytesInFlight: 0,
        answers: [{ id: 7, ok: true, encoded: { text: '[0,"b"]', plain: false, parts: [new ArrayBuffer(2)] } }],
      },
      false,
    ],
    [
      'a slice that starts a run',
      {
        type: 'slice',
        session: 3,
        run: 2,
        callBytesInFlight: 0,
        answers: [],
        cell: { file: 'run-2.ts', source: '1' },
        image: null,
      },
      false,
    ],
  ])('%s', (_name, message, isFlat) => {
    const packed = packToWorker(message);
    expect(Array.isArray(packed)).toBe(isFlat);
    expect(unpackToWorker(structuredClone(packed))).toEqual(message);
  });

  it.each<[string, FromWorker, boolean]>([
    [
      'calls',
      {
        type: 'slice-end',
        session: 3,
        cpuTimeMs: 0.25,
        calls: [
          { text: '1,1,"tools","a"\n[]', parts: [] },
          { text: '2,0,"artifacts","save"\n["x\\n"]', parts: [] },
        ],
      },
      true,
    ],
    ['a timer', { type: 'slice-end', session: 3, cpuTimeMs: 0, calls: [], nextTimerMs: 0 }, true],
    [
      'a call with a long text',
      {
        type: 'slice-end',
        session: 3,
        cpuTimeMs: 1,
        calls: [{ text: '1,0,"tools","a"\n[[0,"s"]]', parts: ['long'] }],
      },
      false,
    ],
    [
      'the end of a run',
      { type: 'slice-end', session: 3, cpuTimeMs: 1, calls: [], outcome: { ok: true, encoded: plain('1') } },
      false,
    ],
  ])('%s', (_name, message, isFlat) => {
    const packed = packFromWorker(message);
    expect(Array.isArray(packed)).toBe(isFlat);
    expect(unpackFromWorker(structuredClone(packed))).toEqual(message);
  });
});
