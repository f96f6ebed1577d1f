import type { ExecutionResult } from '../contracts/execution.ts';

/** Upper bounds of the histogram of run times, in seconds. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface Gauges {
  readonly sessions: number;
  readonly activeRuns: number;
}

/** Counts what happens, for Prometheus. Labels come from small, closed sets alone. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #runs = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  readonly #buckets = BUCKETS_S.map(() => 0);
  #opened = 0;
  #runSeconds = 0;
  #runCount = 0;
  #cpuSeconds = 0;
  #hostCalls = 0;

  sessionOpened(): void {
    this.#opened += 1;
  }

  sessionEnded(why: string): void {
    increase(this.#ended, why);
  }

  runEnded(result: ExecutionResult): void {
    increase(this.#runs, result.ok ? 'OK' : result.error.code);
    const seconds = result.durationMs / 1000;
    this.#runCount += 1;
    this.#runSeconds += seconds;
    this.#cpuSeconds += result.cpuTimeMs / 1000;
    this.#hostCalls += result.toolCalls.length;
    const at = BUCKETS_S.findIndex((bound) => seconds <= bound);
    if (at !== -1) this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
  }

  /** @param route as the API describes it, not as the client wrote it */
  requestEnded(method: string, route: string, status: number): void {
    increase(this.#requests, `method="${method}",route="${route}",status="${status}"`);
  }

  /** In Prometheus' text format. */
  print({ sessions, activeRuns }: Gauges): string {
    return [
      ...gauge('sessions', 'Sessions that are open.', sessions),
      ...gauge('active_runs', 'Runs that wait or are under way.', activeRuns),
      ...gauge('resident_memory_bytes', "The server's memory.", process.memoryUsage.rss()),
      ...counter('sessions_opened_total', 'Sessions opened.', [['', this.#opened]]),
      ...counter('sessions_ended_total', 'Sessions ended, by reason.', labelled('reason', this.#ended)),
      ...counter('runs_total', 'Runs ended, by error code, or OK.', labelled('code', this.#runs)),
      ...counter('run_cpu_seconds_total', 'CPU time of guest code.', [['', this.#cpuSeconds]]),
      ...counter('host_calls_total', 'Calls of tools, skills and artifacts.', [['', this.#hostCalls]]),
      ...counter('http_requests_total', 'Requests answered.', [...this.#requests]),
      ...this.#histogram(),
      '',
    ].join('\n');
  }

  #histogram(): string[] {
    const name = 'ts_code_mode_run_duration_seconds';
    let sum = 0;
    const buckets = BUCKETS_S.map((bound, index) => {
      sum += this.#buckets[index] ?? 0;
      return `${name}_bucket{le="${bound}"} ${sum}`;
    });
    return [
      `# HELP ${name} How long runs took.`,
      `# TYPE ${name} histogram`,
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#runCount}`,
      `${name}_sum ${this.#runSeconds}`,
      `${name}_count ${this.#runCount}`,
    ];
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function labelled(label: string, counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].map(([value, count]) => [`${label}="${value}"`, count]);
}

function gauge(name: string, help: string, value: number): string[] {
  return [`# HELP ts_code_mode_${name} ${help}`, `# TYPE ts_code_mode_${name} gauge`, `ts_code_mode_${name} ${value}`];
}

function counter(name: string, help: string, values: readonly (readonly [labels: string, value: number])[]): string[] {
  const full = `ts_code_mode_${name}`;
  const lines = values.map(([labels, value]) => `${full}${labels === '' ? '' : `{${labels}}`} ${value}`);
  return [`# HELP ${full} ${help}`, `# TYPE ${full} counter`, ...lines];
}
