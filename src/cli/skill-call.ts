import type { SkillParameter } from '../contracts/skill.ts';

/** The code that runs a skill with arguments from the command line. */
export function skillCall(name: string, words: readonly string[], parameters: readonly SkillParameter[]): string {
  const args = words.map((word, index) => {
    const parameter = parameters[index] ?? parameters.findLast(({ rest }) => rest);
    return readArgument(word, parameter?.type);
  });
  // JSON is JavaScript: nothing of it can be anything else than a value.
  return `await skills.invoke(${[name, ...args].map((value) => JSON.stringify(value)).join(', ')})`;
}

function readArgument(word: string, type: string | undefined): unknown {
  if (type === 'string' || type === 'string[]') return word;
  try {
    const value: unknown = JSON.parse(word);
    return value;
  } catch {
    return word;
  }
}
