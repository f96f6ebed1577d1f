/** The thread that {@link SkillParser} parses skills in. */
import { parentPort } from 'node:worker_threads';
import type { Skill } from '../contracts/skill.ts';
import type { SkillSource } from '../contracts/skill-store.ts';
import { CodeModeError } from '../errors/code-mode-error.ts';
import { toErrorData } from '../errors/error-data.ts';
import { parseNewSkill, parseSkill, parseValidSkill } from './parse-skill.ts';
import type { ParseAnswer, ParseRequest } from './skill-parser.ts';

/** A common skill takes 1 ms. */
const PARSE_CPU_MS = 100;
/** Common code takes 0.3 ms. */
const PARSE_CPU_MS_PER_KIB = 2;

parentPort?.on('message', ({ sources, wants }: ParseRequest) => {
  parentPort?.postMessage(sources.map((source) => answerTo(source, wants)));
});
parentPort?.postMessage('ready');

function answerTo(source: SkillSource, wants: ParseRequest['wants']): ParseAnswer {
  try {
    if (wants === 'new') return { skill: parseQuickly(source) };
    if (wants === 'skills') return { skill: parseSkill(source) };
    parseValidSkill(source);
    return {};
  } catch (error) {
    return { error: toErrorData(error) };
  }
}

/** Whoever lists the skills has to parse this one too: few bytes must not take long. */
function parseQuickly(source: SkillSource): Skill {
  const [skill, firstMs] = timed(() => parseNewSkill(source));
  const allowedMs = PARSE_CPU_MS + (Buffer.byteLength(source.source) / 1024) * PARSE_CPU_MS_PER_KIB;
  // The first skill of a thread finds the parsers cold.
  if (firstMs <= allowedMs || timed(() => parseNewSkill(source))[1] <= allowedMs) return skill;
  const got = `parsing takes more than ${Math.round(allowedMs)} ms of CPU time, which is too much for its size`;
  throw new CodeModeError('INVALID_SKILL', `Cannot save ${source.origin}: ${got}; write it with less nesting`);
}

/** In CPU time of this thread: waiting for a busy machine does not count. */
function timed<Result>(work: () => Result): [Result, number] {
  const before = process.threadCpuUsage();
  const result = work();
  const { user, system } = process.threadCpuUsage(before);
  return [result, (user + system) / 1_000];
}
