import type { Command } from 'commander';
import type { GlobalOptions } from '../invocation.ts';
import { printJson, printNote } from '../output.ts';
import { positiveInteger, positiveNumber } from '../run-flags.ts';
import type { ServeFlags } from '../serve/serve-flags.ts';

const HELP = `
Clients come in by a token: from --token-file, or from TS_CODE_MODE_TOKEN. A token file holds one token, or JSON:
[{ "name", "token", "scopes": ["run", "read", "write", "metrics"], "maxSessions", "base" }], where base is a folder
with tools, skills and artifacts of that token's own. Without a token the server does not start.

The environment of py-code-mode's server works too: CONTAINER_AUTH_TOKEN, CONTAINER_AUTH_DISABLED, HOST, PORT,
DEFAULT_TIMEOUT, TOOLS_PATH, TOOLS_CONFIG, SKILLS_PATH, ARTIFACTS_PATH, REDIS_URL, REDIS_TOOLS_PREFIX,
REDIS_SKILLS_PREFIX, REDIS_ARTIFACTS_PREFIX. Options go before it.

SIGTERM ends it: no new sessions, runs have --grace seconds to end. --json prints { url } or { socketPath }.

Examples:
  openssl rand -hex 32 > token && ts-code-mode serve --token-file token
  ts-code-mode serve --store redis://localhost:6379 --prefix myapp --host 0.0.0.0 --token-file tokens.json`;

export function addServeCommand(program: Command): void {
  const serve = program
    .command('serve')
    .description('serve sessions over HTTP')
    .option('--host <name>', 'where to listen (default: 127.0.0.1)')
    .option('--port <number>', 'where to listen; 0: any (default: 8080)', portNumber)
    .option('--socket <path>', 'listen on a unix socket instead')
    .option('--token-file <file>', 'who may come in')
    .option('--no-auth', 'let in everybody who reaches the server')
    .option('--max-sessions <number>', 'sessions at a time (default: 256)', positiveInteger)
    .option('--idle <seconds>', 'close a session that nobody uses for so long (default: 3600)', positiveNumber)
    .option('--timeout <seconds>', 'how long a run may take (default: 60)', positiveNumber)
    .option('--grace <seconds>', 'how long runs may go on when the server ends (default: 10)', positiveNumber)
    .addHelpText('after', HELP)
    .action(async () => {
      const options = serve.optsWithGlobals<ServeFlags & GlobalOptions>();
      const { startServer } = await import('../serve/start-server.ts');
      await using started = await startServer(options, process.env);
      if (options.json === true) printJson(started.address);
      printNote(
        `Serving ${started.storage} on ${'url' in started.address ? started.address.url : started.address.socketPath}.`,
      );
      if (started.isOpen) printNote('Without tokens: whoever reaches it may do everything.');
      await started.ended;
    });
}

function portNumber(text: string): number {
  return text.trim() === '0' ? 0 : positiveInteger(text);
}
