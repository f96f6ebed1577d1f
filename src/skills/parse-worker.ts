/** The thread that {@link SkillParser} parses skills in. */
import { parentPort } from 'node:worker_threads';
import type { SkillSource } from '../contracts/skill-store.ts';
import { toErrorData } from '../errors/error-data.ts';
import { parseSkill } from './parse-skill.ts';
import type { ParseAnswer } from './skill-parser.ts';

parentPort?.on('message', (sources: readonly SkillSource[]) => {
  parentPort?.postMessage(sources.map(answerTo));
});
parentPort?.postMessage('ready');

function answerTo(source: SkillSource): ParseAnswer {
  try {
    return { skill: parseSkill(source) };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}
