import { describe, expect, it } from 'vitest';

import { stripSource } from '../../src/typescript/strip-source.ts';
import { stripTypes } from '../../src/typescript/strip-types.ts';

describe('stripTypes', () => {
  it('does not warn, and leaves other warnings alone', async () => {
    const warnings: string[] = [];
    const listen = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', listen);
    stripTypes('let a: 1');
    process.emitWarning('another', 'ExperimentalWarning');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings).toEqual(['another']);
  });

  it('gives the same from a thread of its own, which it uses once that of this thread is broken', () => {
    const sources = ['let é: "😀" = 1', 'enum A {}', 'let x = ;', ' return 1', ''];
    const own = sources.map((source) => stripSource(source));
    expect(stripTypes('('.repeat(10_000))).toEqual({ type: 'broken' });
    expect(stripSource('let a: 1')).toEqual({ type: 'broken' });
    expect(sources.map((source) => stripTypes(source))).toEqual(own);
    expect(stripTypes('('.repeat(10_000))).toEqual({ type: 'broken' });
    expect(sources.map((source) => stripTypes(source))).toEqual(own);
  });
});
