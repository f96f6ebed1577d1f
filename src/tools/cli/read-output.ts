import { Validator } from '@cfworker/json-schema';
import type { JsonSchema } from '../../contracts/json-schema.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { runTimeBound } from '../time-bound.ts';
import type { CliDefinition } from './cli-definition.ts';

const VALIDATION_TIMEOUT_MS = 1_000;
const SHOWN_CHARS = 200;

/** Compiles what a call answers from the bytes that the command wrote. Bytes that are no UTF-8 become U+FFFD. */
export function compileOutputReader(definition: CliDefinition): (stdout: Uint8Array) => unknown {
  const { name, resultSchema } = definition;
  const check = resultSchema === undefined ? undefined : compileSchemaCheck(name, resultSchema);
  const readers = {
    bytes: (stdout: Uint8Array): unknown => stdout,
    text: toText,
    lines: (stdout: Uint8Array): unknown => toLines(toText(stdout)),
    json: (stdout: Uint8Array): unknown => {
      const value = parseJson(name, toText(stdout));
      check?.(value);
      return value;
    },
  };
  return readers[definition.output];
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function toLines(text: string): string[] {
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function parseJson(tool: string, text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    const head = text === '' ? 'nothing' : `${JSON.stringify(text.slice(0, SHOWN_CHARS))}${text.length > SHOWN_CHARS ? '...' : ''}`;
    throw new CodeModeError('TOOL_FAILED', `Cannot read the output of ${tool}: got ${head}; expected JSON`, { cause: error });
  }
}

function compileSchemaCheck(tool: string, schema: JsonSchema): (value: unknown) => void {
  const validator = new Validator(typeof schema === 'boolean' ? schema : { ...schema }, '2020-12');
  return (value) => {
    const result = runTimeBound(() => validator.validate(value), VALIDATION_TIMEOUT_MS);
    if (result?.valid === true) return;
    const error = result?.errors.at(-1);
    const got = result === undefined ? `a value that takes over ${VALIDATION_TIMEOUT_MS} ms to check` : `${error?.instanceLocation ?? '#'}: ${error?.error ?? 'a wrong value'}`;
    throw new CodeModeError('TOOL_FAILED', `Cannot read the output of ${tool}: got ${got}; expected what result says in the tool file`, {
      details: { errors: (result?.errors ?? []).slice(0, 10).map(({ instanceLocation, error: message }) => ({ instanceLocation, message })) },
    });
  };
}
