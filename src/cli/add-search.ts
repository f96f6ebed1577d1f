import type { Command } from 'commander';
import type { SearchHit } from '../contracts/search.ts';
import type { Session } from '../session.ts';
import type { GlobalOptions } from './invocation.ts';
import { printJson, printTable } from './output.ts';
import { positiveInteger } from './run-flags.ts';
import { oneLine } from './terminal.ts';

type Hit = SearchHit & { readonly description: string };

export interface SearchCommand {
  readonly description: string;
  /** Printed after the options: an example. */
  readonly example: string;
  readonly search: (session: Session, query: string, limit: number) => Promise<readonly Hit[]>;
}

/** Adds `search <words...>` to a group of commands. */
export function addSearch(group: Command, { description, example, search }: SearchCommand): void {
  const command = group
    .command('search')
    .description(description)
    .argument('<words...>', 'what to look for')
    .option('--limit <n>', 'how many at most', positiveInteger, 10)
    .addHelpText(
      'after',
      `\n--json prints [{ id, score, matched, description }], best first.\n\nExample:\n  ${example}`,
    )
    .action(async (words: readonly string[]) => {
      const { json, limit, ...place } = command.optsWithGlobals<GlobalOptions & { limit: number }>();
      const { withSession } = await import('./with-session.ts');
      const hits = await withSession(place, (session) => search(session, words.join(' '), limit));
      if (json === true) return printJson(hits);
      printTable(hits.map((hit) => [hit.id, oneLine(hit.description)]));
    });
}
