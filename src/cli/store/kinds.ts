/** What a store holds. */
export const KINDS = ['tools', 'skills', 'artifacts'] as const;

export type Kind = (typeof KINDS)[number];

export function isKind(text: unknown): text is Kind {
  return KINDS.some((kind) => kind === text);
}
