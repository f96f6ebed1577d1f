/** Each text's vector: the mean of the vectors of its tokens, without those that only fill up. */
export function meanOfTokens(
  hidden: ArrayLike<number>,
  mask: ArrayLike<number | bigint>,
  [texts, tokens, width]: readonly [texts: number, tokens: number, width: number],
): Float32Array[] {
  return Array.from({ length: texts }, (_, text) => {
    const vector = new Float32Array(width);
    for (let token = 0; token < tokens; token++) {
      if (Number(mask[text * tokens + token]) === 0) continue;
      const from = (text * tokens + token) * width;
      // Their number does not matter: vectors are normalised.
      for (let index = 0; index < width; index++) vector[index] = (vector[index] ?? 0) + (hidden[from + index] ?? 0);
    }
    return vector;
  });
}
