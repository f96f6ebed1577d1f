import './errors/require-node.ts';

export { SessionServer } from './server/session-server.ts';
export type { SessionServerOptions } from './server/server-options.ts';
export type { ListenAddress, ListenOptions } from './server/node-listener.ts';
export { SCOPES } from './server/token-book.ts';
export type { Scope, ServerToken } from './server/token-book.ts';
