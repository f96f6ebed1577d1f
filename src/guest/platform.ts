/**
 * Synchronous, stateless functions of the thread that hosts the guest. The guest's URL, text coding, Intl and
 * random source stand on them, because the engine lacks them or answers wrongly.
 *
 * They reach the guest's runtime as a captured object and are never visible to the agent's code. No interrupt
 * reaches the host side, so every implementation caps its inputs.
 */
export interface GuestPlatform {
  /**
   * A named operation, JSON text in and out. The answer is `{"ok": value}` or `{"error": {"name", "message"}}`,
   * where `name` is `TypeError`, `RangeError`, ...
   */
  readonly call: (operation: string, argumentsJson: string) => string;
  readonly encodeUtf8: (text: string) => ArrayBuffer;
  /** Throws a TypeError when `fatal` is set and the bytes are not valid in that encoding. */
  readonly decodeText: (bytes: ArrayBuffer, label: string, fatal: boolean, ignoreBom: boolean) => string;
  /** At most 65,536 bytes, from the operating system's generator. */
  readonly randomBytes: (count: number) => ArrayBuffer;
  /** Milliseconds with fractions since the thread started. */
  readonly now: () => number;
}
