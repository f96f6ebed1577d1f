import { nameClass, showMembers } from './define.ts';
import { ask, host } from './host.ts';

/** A clock that only goes forward. */
export class Performance {
  /** Milliseconds since `timeOrigin`, with fractions. */
  now(): number {
    return host().now();
  }

  /** Milliseconds since 1970. */
  get timeOrigin(): number {
    return ask('time.origin', '[]');
  }

  static {
    nameClass(Performance, 'Performance', 0);
    showMembers(Performance.prototype);
  }
}
