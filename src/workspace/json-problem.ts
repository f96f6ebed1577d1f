/** Why a value is no JSON value, naming the place; `undefined` when it is one. What JSON would drop or change in silence counts. */
export function jsonProblem(
  value: unknown,
  path: string,
  parents: ReadonlySet<unknown> = new Set(),
): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : `${path} is ${value}, which JSON can not express`;
  if (typeof value !== 'object') return `${path} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  if (parents.has(value)) return `${path} refers back to what contains it`;
  const inside = new Set([...parents, value]);
  if (Array.isArray(value)) return arrayProblem(value, path, inside);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `${path} is a ${value.constructor.name}`;
  for (const [key, member] of Object.entries(value)) {
    const problem = jsonProblem(member, `${path}.${key}`, inside);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function arrayProblem(values: readonly unknown[], path: string, parents: ReadonlySet<unknown>): string | undefined {
  for (let index = 0; index < values.length; index += 1) {
    const problem =
      index in values ? jsonProblem(values[index], `${path}[${index}]`, parents) : `${path}[${index}] is a hole`;
    if (problem !== undefined) return problem;
  }
  return undefined;
}
