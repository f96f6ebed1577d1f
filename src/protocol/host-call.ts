/** The namespaces of the guest that reach the host. */
export const NAMESPACES = ['tools', 'skills', 'artifacts'] as const;
export type Namespace = (typeof NAMESPACES)[number];

/**
 * One host call: `tools.curl.get({...})` is `{ namespace: 'tools', path: ['curl', 'get'], args: [{...}] }`,
 * `artifacts.save('a', 1)` is `{ namespace: 'artifacts', path: ['save'], args: ['a', 1] }`.
 */
export interface HostCall {
  readonly id: number;
  readonly namespace: Namespace;
  readonly path: readonly string[];
  readonly args: readonly unknown[];
}

/** How results and events name a call: `tools.curl.get`. */
export function hostCallName(call: Pick<HostCall, 'namespace' | 'path'>): string {
  return [call.namespace, ...call.path].join('.');
}
