import type { ArtifactInfo } from '../../contracts/artifact-store.ts';
import type {
  CallToolOptions,
  CreateSkillOptions,
  Facade,
  LoadedArtifact,
  SaveArtifactOptions,
  SkillHit,
  SkillWithSource,
  ToolHit,
} from '../../contracts/facade.ts';
import type { Skill } from '../../contracts/skill.ts';
import type { Tool } from '../../contracts/tool.ts';
import { isCodeModeError } from '../../errors/code-mode-error.ts';
import { decodeValue } from '../../protocol/codec/decode.ts';
import { encodeValue } from '../../protocol/codec/encode.ts';
import { API, artifactPath, FRAMES, skillPath } from '../../protocol/remote/api.ts';
import { encodeFrame, FrameReader } from '../../protocol/remote/frame.ts';
import {
  artifactInfo,
  artifactList,
  calledTool,
  hitList,
  problemList,
  skill,
  skillList,
  skillWithSource,
  toolList,
} from '../../protocol/remote/shapes.ts';
import { checkArtifactName, checkSkillName } from '../../storage/names.ts';
import { contentOf, valueOf } from '../../workspace/artifacts-namespace.ts';
import { notUnderstood } from './server-client.ts';
import type { ServerClient } from './server-client.ts';

const MAX_HEAD_BYTES = 1024 * 1024;
const MAX_ARGUMENT_BYTES = 64 * 1024 * 1024;

/** Tools, skills and artifacts of a session server. */
export class RemoteFacade implements Facade {
  readonly #server: ServerClient;

  constructor(server: ServerClient) {
    this.#server = server;
  }

  async types(): Promise<string> {
    return this.#server.text({ method: 'GET', path: `${API}/types` });
  }

  async listTools(): Promise<readonly Tool[]> {
    return (await this.#server.json({ method: 'GET', path: `${API}/tools` }, toolList)).tools;
  }

  async searchTools(query: string, limit?: number): Promise<readonly ToolHit[]> {
    return (await this.#server.json({ method: 'GET', path: searchPath('tools', query, limit) }, hitList)).hits;
  }

  /** Never sent twice: who loses the connection does not know whether the tool was called. */
  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    { signal, onStderr }: CallToolOptions,
  ): Promise<unknown> {
    const { text, plain, parts } = encodeValue(args, { maxBytes: MAX_ARGUMENT_BYTES, root: 'the arguments' });
    const answer = await this.#server.frame({
      method: 'POST',
      path: `${API}/tools/call`,
      frame: encodeFrame({ name, text, plain }, parts),
      timeoutMs: 0,
      ...(signal === undefined ? {} : { signal }),
    });
    const { data: called, error } = calledTool.safeParse(answer.body);
    if (called === undefined) throw notUnderstood(error);
    if (called.stderr !== '') onStderr?.(called.stderr);
    return decodeValue({ text: called.text, plain: called.plain, parts: answer.parts });
  }

  async listSkills(): Promise<readonly Skill[]> {
    return (await this.#server.json({ method: 'GET', path: `${API}/skills` }, skillList)).skills;
  }

  async searchSkills(query: string, limit?: number): Promise<readonly SkillHit[]> {
    return (await this.#server.json({ method: 'GET', path: searchPath('skills', query, limit) }, hitList)).hits;
  }

  async getSkill(name: string): Promise<SkillWithSource> {
    return this.#server.json({ method: 'GET', path: sendable(name) }, skillWithSource);
  }

  async addSkill(name: string, source: string, options: CreateSkillOptions): Promise<Skill> {
    checkSkillName(name);
    return this.#server.json({ method: 'PUT', path: skillPath(name), json: { source, ...options } }, skill);
  }

  async removeSkill(name: string): Promise<boolean> {
    return this.#delete(sendable(name), 'UNKNOWN_SKILL');
  }

  async listArtifacts(): Promise<readonly ArtifactInfo[]> {
    return (await this.#server.json({ method: 'GET', path: `${API}/artifacts` }, artifactList)).artifacts;
  }

  async saveArtifact(name: string, data: unknown, options: SaveArtifactOptions): Promise<ArtifactInfo> {
    checkArtifactName(name);
    const content = contentOf(name, data);
    const frame = encodeFrame({ type: content.type, ...options }, [new Uint8Array(content.data).buffer]);
    return this.#server.json({ method: 'PUT', path: artifactPath(name), frame }, artifactInfo);
  }

  async loadArtifact(name: string): Promise<LoadedArtifact> {
    checkArtifactName(name);
    const { body, parts } = await this.#server.frame({ method: 'GET', path: artifactPath(name) });
    const { data: info, error } = artifactInfo.safeParse(body);
    const [data] = parts;
    if (info === undefined || !(data instanceof ArrayBuffer)) throw notUnderstood(error);
    return { ...info, data: valueOf(name, { type: info.type, data: new Uint8Array(data) }) };
  }

  async streamArtifact(name: string): Promise<ReadableStream<Uint8Array>> {
    checkArtifactName(name);
    const path = artifactPath(name);
    const { body } = await this.#server.send({ method: 'GET', path, headers: { accept: FRAMES }, timeoutMs: 0 });
    const reader = new FrameReader(body, Number.MAX_SAFE_INTEGER);
    const head = await reader.nextHead();
    const [part] = head?.parts ?? [];
    if (part === undefined || JSON.stringify(head?.body).length > MAX_HEAD_BYTES) throw notUnderstood('no artifact');
    return ReadableStream.from(reader.rest(part.bytes));
  }

  async deleteArtifact(name: string): Promise<boolean> {
    checkArtifactName(name);
    return this.#delete(artifactPath(name), 'UNKNOWN_ARTIFACT');
  }

  async problems(): Promise<readonly string[]> {
    return (await this.#server.json({ method: 'GET', path: `${API}/problems` }, problemList)).problems;
  }

  async #delete(path: string, unknown: 'UNKNOWN_SKILL' | 'UNKNOWN_ARTIFACT'): Promise<boolean> {
    try {
      await this.#server.do({ method: 'DELETE', path });
      return true;
    } catch (error) {
      if (isCodeModeError(error, unknown)) return false;
      throw error;
    }
  }
}

function searchPath(kind: 'tools' | 'skills', query: string, limit: number | undefined): string {
  const parameters = new URLSearchParams({ query, ...(limit === undefined ? {} : { limit: String(limit) }) });
  return `${API}/${kind}/search?${parameters.toString()}`;
}

/** The address of a skill, for any name that has one: `..` would be another address. */
function sendable(name: string): string {
  if (name === '' || /^\.{1,2}$/.test(name) || !name.isWellFormed()) checkSkillName(name);
  return skillPath(name);
}
