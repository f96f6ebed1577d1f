import { describe, expect, it } from 'vitest';

import { readCall } from '../../../src/executors/in-process/read-call.ts';

describe('a host call as the guest writes it', () => {
  it('is read', () => {
    expect(readCall({ text: '12,1,"tools","curl","get"\n[{"url":"a\\nb"}]', parts: [] })).toEqual({
      id: 12,
      namespace: 'tools',
      path: ['curl', 'get'],
      encoded: { text: '[{"url":"a\\nb"}]', plain: true, parts: [] },
    });
    expect(readCall({ text: '1,0,"artifacts","save"\n[[0,"s"]]\n', parts: ['x'] })).toMatchObject({
      encoded: { text: '[[0,"s"]]\n', plain: false, parts: ['x'] },
    });
  });

  it.each([
    '',
    '\n[]',
    '1,1,"tools","a"',
    'x,1,"tools","a"\n[]',
    '1.5,1,"tools","a"\n[]',
    '1,1,"process","a"\n[]',
    '1,1,"tools",7\n[]',
    '1,1,{"a":1}\n[]',
    '1,1,"tools\n","a"\n[]',
    '1,1,"constructor"\n[]',
  ])('is refused when it is malformed: %j', (text) => {
    expect(readCall({ text, parts: [] })).toBeUndefined();
  });
});
