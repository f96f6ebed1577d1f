/**
 * The lint rule that holds the layers: a file of `src/` imports only from layers below its own, and from its own part
 * of its layer. Siblings meet in `contracts`. Loaded by `.oxlintrc.json`.
 */
import { dirname, join, relative, sep } from 'node:path';

/** Bottom first. Each name is a folder of `src/`, or a file of it without `.ts`. */
const LAYERS = [
  ['errors'],
  ['contracts'],
  ['protocol', 'search', 'typescript'],
  ['storage', 'tools', 'skills', 'guest'],
  ['workspace'],
  ['executors'],
  ['session'],
  ['index', 'redis', 'embedders'],
  ['server'],
  ['mcp-server'],
  ['cli'],
  ['testing'],
];

const RANKS = new Map(LAYERS.flatMap((parts, rank) => parts.map((part) => [part, rank] as const)));

interface Literal {
  readonly type: string;
  readonly value?: unknown;
}

interface ImportNode {
  readonly source?: Literal | null;
}

interface RuleContext {
  readonly cwd: string;
  readonly filename: string;
  report(diagnostic: { node: Literal; message: string }): void;
}

const downward = {
  create(context: RuleContext) {
    const from = partOf(context.cwd, context.filename);
    if (from === undefined) return {};
    const check = ({ source }: ImportNode): void => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const to = partOf(context.cwd, join(dirname(context.filename), source.value));
      const fault = to === undefined ? 'is outside src' : faultOf(from, to);
      if (fault !== undefined) context.report({ node: source, message: `src/${from} can't import this: it ${fault}.` });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

/** The part of `src/` that a file belongs to: `tools` for `src/tools/registry.ts`, `session` for `src/session.ts`. */
function partOf(root: string, file: string): string | undefined {
  const [top, part] = relative(root, file).split(sep);
  return top === 'src' ? part?.replace(/\.ts$/, '') : undefined;
}

function faultOf(from: string, to: string): string | undefined {
  if (from === to) return undefined;
  const [own, other] = [RANKS.get(from), RANKS.get(to)];
  if (own === undefined) return `has no layer itself (name src/${from} in scripts/layer-rule.ts)`;
  if (other === undefined) return `leads to src/${to}, which has no layer (name it in scripts/layer-rule.ts)`;
  if (own > other) return undefined;
  return own === other
    ? `leads to src/${to}, a sibling; siblings meet in src/contracts`
    : `leads up to src/${to}; imports point down (docs/architecture.md)`;
}

// A plugin is what its module exports by default; the linter has no other way to load one.
export default { meta: { name: 'layers' }, rules: { downward } };
