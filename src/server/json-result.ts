import { toErrorData } from '../errors/error-data.ts';
import type { ErrorData } from '../errors/error-data.ts';
import { decodeValue } from '../protocol/codec/decode.ts';
import type { EncodedResult, PlainResult } from '../protocol/remote/result.ts';
import { toJsonForm } from '../protocol/json-form.ts';

/** A result as plain JSON. */
export interface JsonResult extends Omit<PlainResult, 'value'> {
  readonly value?: unknown;
  /** False: the value has parts that JSON has no form for (a Date, a Map, bytes, ...), and this is the nearest form. */
  readonly exact?: boolean;
}

/** A value that takes too many words fails the answer, not the run. */
export function jsonResult({ plain, value }: EncodedResult): JsonResult {
  const { value: _encoded, ...rest } = plain;
  if (value === undefined) return rest;
  try {
    return { ...rest, value: toJsonForm(decodeValue(value)), exact: value.plain };
  } catch (error) {
    return { ...rest, ok: false, error: notAsJson(error) };
  }
}

function notAsJson(error: unknown): ErrorData {
  const { code, message } = toErrorData(error);
  return { name: 'CodeModeError', code, message, stack: '' };
}
