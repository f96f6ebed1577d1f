import type { JsonSchema, JsonSchemaObject } from './json-schema.ts';

/** A tool as it is loaded: what agents can call under `tools.<name>`. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** The tool itself (`tools.curl({...})`), if it can be called directly: its `name` is `''`. Then recipes, endpoints, MCP tools. */
  readonly callables: readonly ToolCallable[];
  /** The file it came from: `tools/curl.yaml`. */
  readonly origin: string;
  /** What the author should know although the file loads. */
  readonly warnings: readonly string[];
}

export interface ToolCallable {
  /** `''` for the tool itself, else the name after the dot: `get`. */
  readonly name: string;
  readonly description: string;
  /** An object schema: `properties`, `required`. What a call's one argument must look like. */
  readonly inputSchema: JsonSchemaObject;
  /** What a call answers. Absent: `unknown`. */
  readonly outputSchema?: JsonSchema;
}

/** Runs a tool's callables. Arguments arrive as the guest sent them: an adapter checks them against its own schema. */
export interface ToolAdapter extends AsyncDisposable {
  readonly tool: Tool;
  /**
   * Resolves with a value that can cross to the guest.
   *
   * @throws {CodeModeError} `UNKNOWN_CALLABLE`, `INVALID_ARGUMENTS`, `TOOL_FAILED`, `TOOL_TIMEOUT`, `ABORTED`, ...
   */
  call(callable: string, args: unknown, context: CallContext): Promise<unknown>;
}

export interface CallContext {
  /** Aborts when the run ends or the caller gives up: whatever was started must end. */
  readonly signal: AbortSignal;
  /** What the tool writes to stderr, as it comes. */
  readonly onStderr: (text: string) => void;
}
