import {
  apply,
  IntrinsicMap,
  isRecord,
  mapGet,
  mapSet,
  newList,
  ownOption,
  quote,
} from '../protocol/codec/intrinsics.ts';
import type { HostCalls } from './host-calls.ts';
import { guestError, guestErrorFromJson } from './host-errors.ts';
import type { GuestHost, GuestLimits, SkillFactory } from './host-interface.ts';
import { makeNamespace } from './namespaces.ts';
import type { Member } from './namespaces.ts';

/** What the host serves under `skills`; any other member is a skill. */
function isHostMethod(name: string): boolean {
  return name === 'list' || name === 'search' || name === 'get' || name === 'create' || name === 'delete';
}

interface Compiled {
  readonly version: string;
  readonly factory: SkillFactory;
}

/**
 * The `skills` namespace. A skill's source comes from the host with every call that finds it changed; it is
 * evaluated anew for every call, in a scope of its own, where `skills` counts one level deeper.
 *
 * That tells runaway skills early. Who reaches past it, by `globalThis.skills` or a function of the cell's, starts at
 * the first level again: no engine says which skill some asynchronous code belongs to. Such calls end at the limit on
 * host calls, of which every call of a skill is one.
 */
export function makeSkills(host: GuestHost, calls: HostCalls, limits: () => GuestLimits): unknown {
  const compiled = new IntrinsicMap<string, Compiled>();

  async function invoke(name: unknown, args: readonly unknown[], depth: number): Promise<unknown> {
    if (typeof name !== 'string') throw new TypeError('Cannot invoke a skill: its name is not a string');
    if (depth >= limits().skillDepth) {
      throw guestError({
        code: 'SKILL_DEPTH',
        message: `Cannot call skills.${name}: skills call each other ${depth} levels deep (skillDepth)`,
      });
    }
    const factory = await load(name);
    const run = factory(namespace(depth + 1));
    return await apply(run, undefined, args);
  }

  async function load(name: string): Promise<SkillFactory> {
    const known = mapGet(compiled, name);
    const answer = await calls.call(skillMember(name), [known?.version ?? '']);
    if (!isRecord(answer)) throw guestError({ message: `Cannot load skills.${name}: the host answered nothing` });
    const version = ownOption(answer, 'version');
    const origin = ownOption(answer, 'origin');
    const source = ownOption(answer, 'source');
    if (known !== undefined && typeof source !== 'string') return known.factory;
    const factory = host.compileSkill(String(origin), String(source));
    if (typeof factory === 'string') throw guestErrorFromJson(factory);
    mapSet(compiled, name, { version: String(version), factory });
    return factory;
  }

  function namespace(depth: number): unknown {
    return makeNamespace('skills', (member, args) => {
      const name = member.path[0] ?? '';
      if (member.path.length > 1) {
        throw new TypeError(`Cannot call ${member.name}: a skill has no members; call skills.${name}(...)`);
      }
      if (isHostMethod(name)) return calls.call(member, args);
      return name === 'invoke' ? invoke(args[0], withoutFirst(args), depth) : invoke(name, args, depth);
    });
  }

  return namespace(0);
}

function skillMember(name: string): Member {
  const path = newList<string>();
  path[0] = name;
  return { path, name: 'skills.' + name, json: '"skills",' + quote(name) };
}

function withoutFirst(values: readonly unknown[]): readonly unknown[] {
  const rest = newList<unknown>();
  for (let i = 1; i < values.length; i++) rest[i - 1] = values[i];
  return rest;
}
