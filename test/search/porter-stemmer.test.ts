import { describe, expect, it } from 'vitest';
import { stem } from '../../src/search/porter-stemmer.ts';

/** From the examples in Porter's paper, rule by rule, and from his published vocabulary. */
const VOCABULARY: Readonly<Record<string, string>> = {
  // Step 1
  caresses: 'caress',
  ponies: 'poni',
  ties: 'ti',
  caress: 'caress',
  cats: 'cat',
  feed: 'feed',
  agreed: 'agre',
  plastered: 'plaster',
  bled: 'bled',
  motoring: 'motor',
  sing: 'sing',
  conflated: 'conflat',
  troubled: 'troubl',
  sized: 'size',
  hopping: 'hop',
  tanned: 'tan',
  falling: 'fall',
  hissing: 'hiss',
  fizzed: 'fizz',
  failing: 'fail',
  filing: 'file',
  happy: 'happi',
  sky: 'sky',
  // Step 2
  relational: 'relat',
  conditional: 'condit',
  rational: 'ration',
  valenci: 'valenc',
  hesitanci: 'hesit',
  digitizer: 'digit',
  conformabli: 'conform',
  radicalli: 'radic',
  differentli: 'differ',
  vileli: 'vile',
  analogousli: 'analog',
  vietnamization: 'vietnam',
  predication: 'predic',
  operator: 'oper',
  feudalism: 'feudal',
  decisiveness: 'decis',
  hopefulness: 'hope',
  callousness: 'callous',
  formaliti: 'formal',
  sensitiviti: 'sensit',
  sensibiliti: 'sensibl',
  apology: 'apolog',
  // Step 3
  triplicate: 'triplic',
  formative: 'form',
  formalize: 'formal',
  electriciti: 'electr',
  electrical: 'electr',
  hopeful: 'hope',
  goodness: 'good',
  // Step 4
  revival: 'reviv',
  allowance: 'allow',
  inference: 'infer',
  airliner: 'airlin',
  gyroscopic: 'gyroscop',
  adjustable: 'adjust',
  defensible: 'defens',
  irritant: 'irrit',
  replacement: 'replac',
  adjustment: 'adjust',
  dependent: 'depend',
  adoption: 'adopt',
  homologou: 'homolog',
  communism: 'commun',
  activate: 'activ',
  angulariti: 'angular',
  homologous: 'homolog',
  effective: 'effect',
  bowdlerize: 'bowdler',
  // Step 5
  probate: 'probat',
  rate: 'rate',
  cease: 'ceas',
  controll: 'control',
  roll: 'roll',
  // Several steps, and the letter y
  generalizations: 'gener',
  oscillators: 'oscil',
  abilities: 'abil',
  affectionate: 'affection',
  abbeys: 'abbei',
  yes: 'ye',
  syzygy: 'syzygi',
  dying: 'dy',
  enjoyed: 'enjoi',
};

describe('stem', () => {
  it.each(Object.entries(VOCABULARY))('makes %s to %s', (word, expected) => {
    expect(stem(word)).toBe(expected);
  });

  it('leaves alone what is no word of three letters or more', () => {
    for (const word of ['', 'a', 'is', 'x86s', 'Files', 'straße', '日本', 's'.repeat(10_000)])
      expect(stem(word)).toBe(word);
  });
});
