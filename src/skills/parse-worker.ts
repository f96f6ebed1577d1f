/** The thread that {@link SkillParser} parses skills in. */
import { parentPort } from 'node:worker_threads';
import type { SkillSource } from '../contracts/skill-store.ts';
import { toErrorData } from '../errors/error-data.ts';
import { parseSkill, parseValidSkill } from './parse-skill.ts';
import type { ParseAnswer, ParseRequest } from './skill-parser.ts';

parentPort?.on('message', ({ sources, wants }: ParseRequest) => {
  parentPort?.postMessage(sources.map((source) => answerTo(source, wants)));
});
parentPort?.postMessage('ready');

function answerTo(source: SkillSource, wants: ParseRequest['wants']): ParseAnswer {
  try {
    if (wants === 'skills') return { skill: parseSkill(source) };
    parseValidSkill(source);
    return {};
  } catch (error) {
    return { error: toErrorData(error) };
  }
}
