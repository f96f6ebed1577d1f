import type { Session } from '../session.ts';
import { orNotFound } from './or-not-found.ts';

/** @throws {CodeModeError} `UNKNOWN_SKILL`; what is wrong with it, when it does not load */
export function findSkill(session: Session, action: string, name: string): ReturnType<Session['getSkill']> {
  return orNotFound(
    [action, 'skill', name],
    () => session.getSkill(name),
    async () => (await session.listSkills()).map((skill) => skill.name),
  );
}
