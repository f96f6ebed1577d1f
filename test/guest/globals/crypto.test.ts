import { describe, expect, it } from 'vitest';

import { createGuestVm, expectSame } from './guest-vm.ts';

const guest = await createGuestVm();

describe('crypto', () => {
  it('fills integer arrays only, and no more than 65,536 bytes', () => {
    expectSame(
      guest,
      ['Float32Array(1)', 'Uint8Array(65537)', 'Uint32Array(16385)', 'DataView(new ArrayBuffer(1))'].map(
        (array) => `crypto.getRandomValues(new ${array})`,
      ),
    );
    expectSame(guest, [
      'crypto.getRandomValues(5)',
      'crypto.getRandomValues()',
      '[new Uint16Array(3)].map((array) => crypto.getRandomValues(array) === array)',
      'crypto.getRandomValues(new BigInt64Array(2)).length',
      'crypto.getRandomValues(new Uint8Array(0)).length',
    ]);
    expect(
      guest.show(
        '[new Uint8Array(40)].map((all) => { crypto.getRandomValues(all.subarray(4, 36)); return [all.slice(0, 4), all.slice(36)].every((edge) => edge.every((byte) => byte === 0)) && new Set(all).size > 10; })',
      ),
    ).toBe('{"value":[true]}');
  });

  it('makes UUIDs of version 4, each another', () => {
    const uuids = guest.text(`Array.from({ length: 200 }, () => crypto.randomUUID()).join('\\n')`).split('\n');
    expect(new Set(uuids).size).toBe(200);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
  });
});

describe('performance', () => {
  it('is a clock that goes forward, and tells since when', () => {
    expect(
      guest.show('(() => { const first = performance.now(); return first > 0 && performance.now() >= first; })()'),
    ).toBe('{"value":true}');
    expect(guest.show('Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 60000')).toBe(
      '{"value":true}',
    );
  });
});
