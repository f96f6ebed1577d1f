/**
 * The Porter stemmer for English (M. F. Porter, "An algorithm for suffix stripping", 1980), with the two
 * departures of its author's own later code (`bli` and `logi` in step 2): what its published vocabulary expects.
 *
 * Words shorter than three letters and words with anything but `a`-`z` are returned as they are.
 */
export function stem(word: string): string {
  if (word.length < 3 || word.length > MAX_WORD_LENGTH || !LOWER_CASE_WORD.test(word)) return word;
  const afterPlurals = removePlural(word);
  const afterPast = removePastOrGerund(afterPlurals);
  const afterY = endsInYAfterVowel(afterPast) ? `${afterPast.slice(0, -1)}i` : afterPast;
  const afterDouble = replaceSuffix(afterY, DOUBLE_SUFFIXES);
  const afterLong = replaceSuffix(afterDouble, LONG_SUFFIXES);
  return tidyEnd(removeLastSuffix(afterLong));
}

/** No English word is longer; what is longer is data. */
const MAX_WORD_LENGTH = 64;
const LOWER_CASE_WORD = /^[a-z]+$/;

/** Step 2: a longer suffix stands before any that it ends in. */
const DOUBLE_SUFFIXES: readonly (readonly [string, string])[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['bli', 'ble'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
  ['logi', 'log'],
];

/** Step 3. */
const LONG_SUFFIXES: readonly (readonly [string, string])[] = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
];

/** Step 4. */
const LAST_SUFFIXES: readonly string[] =
  'al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize'.split(' ');

/** Step 1a. */
function removePlural(word: string): string {
  if (word.endsWith('sses') || word.endsWith('ies')) return word.slice(0, -2);
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/** Step 1b. */
function removePastOrGerund(word: string): string {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const suffix = ['ed', 'ing'].find((each) => word.endsWith(each));
  const base = word.slice(0, -(suffix?.length ?? 0));
  if (suffix === undefined || !hasVowel(base)) return word;
  if (base.endsWith('at') || base.endsWith('bl') || base.endsWith('iz')) return `${base}e`;
  if (endsInDoubleConsonant(base) && !/[lsz]$/.test(base)) return base.slice(0, -1);
  return measure(base) === 1 && endsInConsonantVowelConsonant(base) ? `${base}e` : base;
}

/** Step 1c. */
function endsInYAfterVowel(word: string): boolean {
  return word.endsWith('y') && hasVowel(word.slice(0, -1));
}

function replaceSuffix(word: string, suffixes: readonly (readonly [string, string])[]): string {
  for (const [suffix, replacement] of suffixes) {
    if (!word.endsWith(suffix)) continue;
    const base = word.slice(0, -suffix.length);
    return measure(base) > 0 ? base + replacement : word;
  }
  return word;
}

function removeLastSuffix(word: string): string {
  for (const suffix of LAST_SUFFIXES) {
    if (!word.endsWith(suffix)) continue;
    const base = word.slice(0, -suffix.length);
    if (suffix === 'ion' && !/[st]$/.test(base)) return word;
    return measure(base) > 1 ? base : word;
  }
  return word;
}

/** Step 5. */
function tidyEnd(word: string): string {
  let result = word;
  if (result.endsWith('e')) {
    const base = result.slice(0, -1);
    const m = measure(base);
    if (m > 1 || (m === 1 && !endsInConsonantVowelConsonant(base))) result = base;
  }
  return result.endsWith('ll') && measure(result) > 1 ? result.slice(0, -1) : result;
}

function isConsonant(word: string, index: number): boolean {
  const letter = word.charCodeAt(index);
  // a, e, i, o, u
  if (letter === 97 || letter === 101 || letter === 105 || letter === 111 || letter === 117) return false;
  // A y is a vowel after a consonant.
  return letter !== 121 || index === 0 || !isConsonant(word, index - 1);
}

/** Porter's m: how many times a vowel is followed by a consonant. */
function measure(base: string): number {
  let count = 0;
  let afterVowel = false;
  for (let index = 0; index < base.length; index++) {
    const consonant = isConsonant(base, index);
    if (consonant && afterVowel) count++;
    afterVowel = !consonant;
  }
  return count;
}

function hasVowel(base: string): boolean {
  for (let index = 0; index < base.length; index++) if (!isConsonant(base, index)) return true;
  return false;
}

function endsInDoubleConsonant(base: string): boolean {
  const last = base.length - 1;
  return last > 0 && base[last] === base[last - 1] && isConsonant(base, last);
}

function endsInConsonantVowelConsonant(base: string): boolean {
  const last = base.length - 1;
  return (
    last >= 2 &&
    isConsonant(base, last) &&
    !isConsonant(base, last - 1) &&
    isConsonant(base, last - 2) &&
    !/[wxy]$/.test(base)
  );
}
