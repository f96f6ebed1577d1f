/**
 * How long a slice may take on the clock when its run has `cpuLeftMs` left, in milliseconds.
 *
 * V8 is stopped by a timer, and a timer knows no CPU time: the slack is for what else the machine does. Code that ends
 * by itself is held to its CPU time exactly.
 */
export function sliceTimeMs(cpuLeftMs: number): number {
  return cpuLeftMs * 1.5 + 50;
}
