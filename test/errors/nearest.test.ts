import { describe, expect, it } from 'vitest';
import { nearestNames } from '../../src/errors/nearest.ts';

describe('nearestNames', () => {
  it('finds slips of the keys, the nearest first', () => {
    expect(nearestNames('crul', ['git', 'curl', 'jq'])).toEqual(['curl']);
    expect(nearestNames('reprot', ['repeat', 'report', 'reports', 'zip'])).toEqual(['report', 'repeat', 'reports']);
    expect(nearestNames('CURL', ['curl'])).toEqual(['curl']);
  });

  it('finds names that contain the other', () => {
    expect(nearestNames('report', ['weekly-report-of-sales'])).toEqual(['weekly-report-of-sales']);
  });

  it('answers nothing rather than anything', () => {
    expect(nearestNames('curl', ['git', 'jq', ''])).toEqual([]);
    expect(nearestNames('', ['a'])).toEqual([]);
    expect(nearestNames('x'.repeat(1_000), ['x'.repeat(1_000)])).toEqual([]);
  });

  it('looks at the likeliest of many', () => {
    const many = Array.from({ length: 30_000 }, (_, index) => `reports/day-${index}-of-the-year.json`);
    expect(nearestNames('reports/day-29999-of-teh-year.json', many)[0]).toBe('reports/day-29999-of-the-year.json');
    expect(nearestNames('eports/day-29999-of-the-year.json', many)[0]).toBe('reports/day-29999-of-the-year.json');
  });

  it('compares a bounded number of names letter by letter', () => {
    const likelier = Array.from({ length: 1_000 }, (_, index) => `re-${index}-something-else`);
    expect(nearestNames('report', ['weekly-report-of-sales', ...likelier.slice(1)])).toEqual([
      'weekly-report-of-sales',
    ]);
    expect(nearestNames('report', ['weekly-report-of-sales', ...likelier])).toEqual([]);
  });

  it('keeps to the limit and names each once', () => {
    expect(nearestNames('a1', ['a2', 'a3', 'a4', 'a5', 'a2'])).toEqual(['a2', 'a3', 'a4']);
    expect(nearestNames('a1', ['a2', 'a3'], 1)).toEqual(['a2']);
  });
});
