/** Options of `serve`. */
export interface ServeFlags {
  readonly host?: string;
  readonly port?: number;
  readonly socket?: string;
  readonly tokenFile?: string;
  /** False for `--no-auth`. */
  readonly auth: boolean;
  readonly maxSessions?: number;
  /** Seconds. */
  readonly idle?: number;
  /** Seconds. */
  readonly timeout?: number;
  /** Seconds. */
  readonly grace?: number;
}
