import { Validator } from '@cfworker/json-schema';
import type { OutputUnit } from '@cfworker/json-schema';
import type { JsonSchema } from '../../contracts/json-schema.ts';
import { CodeModeError } from '../../errors/code-mode-error.ts';
import { runTimeBound } from '../time-bound.ts';
import type { CliDefinition } from './cli-definition.ts';

const VALIDATION_TIMEOUT_MS = 1_000;
const SHOWN_CHARS = 200;
const SHOWN_ERRORS = 10;

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
    const head =
      text === ''
        ? 'nothing'
        : `${JSON.stringify(text.slice(0, SHOWN_CHARS))}${text.length > SHOWN_CHARS ? '...' : ''}`;
    throw new CodeModeError('TOOL_FAILED', `Cannot read the output of ${tool}: got ${head}; expected JSON`, {
      cause: error,
    });
  }
}

function compileSchemaCheck(tool: string, schema: JsonSchema): (value: unknown) => void {
  const validator = new Validator(typeof schema === 'boolean' ? schema : { ...schema }, '2020-12');
  return (value) => {
    const errors = validationErrors(validator, value);
    const last = errors.at(-1); // the innermost: the others say which parts it makes wrong
    if (last === undefined) return;
    const message = `Cannot read the output of ${tool}: got ${last.instanceLocation}: ${last.error}; expected what result says in the tool file`;
    const details = errors.slice(0, SHOWN_ERRORS).map(({ instanceLocation, error }) => ({ instanceLocation, error }));
    throw new CodeModeError('TOOL_FAILED', message, { details: { errors: details } });
  };
}

type ValidationError = Pick<OutputUnit, 'instanceLocation' | 'error'>;

function validationErrors(validator: Validator, value: unknown): readonly ValidationError[] {
  try {
    const result = runTimeBound(() => validator.validate(value), VALIDATION_TIMEOUT_MS);
    return result?.errors ?? [{ instanceLocation: '#', error: `Checking takes over ${VALIDATION_TIMEOUT_MS} ms.` }];
  } catch (error) {
    // A value nested too deep for the stack; a schema that the validator does not understand.
    return [
      { instanceLocation: '#', error: `It can't be checked: ${error instanceof Error ? error.message : 'unknown'}.` },
    ];
  }
}
