import { Hono } from 'hono';
import { invalidRequest, refusalOf, RequestProblem } from './request-problem.ts';
import { json } from './route.ts';
import type { Route, ServerParts } from './route.ts';
import { nobody } from './token-book.ts';
import type { Client, Scope } from './token-book.ts';

/** Nothing that is served is for a browser to guess at. */
const SAFE_HEADERS = [['x-content-type-options', 'nosniff']] as const;

/** How failures are told: `{ error }`, or `{ detail }` where clients of the original expect that. */
export type FailureForm = 'error' | 'detail';

/** A router over routes. Whoever has no token learns nothing but that it needs one, whatever it asks for. */
export class Router {
  readonly #app = new Hono();
  readonly #server: ServerParts;

  constructor(server: ServerParts) {
    this.#server = server;
    this.#app.notFound(({ req }) =>
      this.#answer(req.raw, { method: 'other', path: 'other' }, 'error', () => {
        authorize(server, req.raw, undefined);
        throw invalidRequest(404, 'Cannot answer: there is no such address, or not by that method; see /openapi.json');
      }),
    );
  }

  add(routes: readonly Route[], form: FailureForm): this {
    for (const route of routes) {
      this.#app.on(route.method, patternOf(route.path), (context) => {
        const request = context.req.raw;
        return this.#answer(request, route, form, () => {
          const client = authorize(this.#server, request, route.scope);
          const params: Readonly<Record<string, string>> = context.req.param();
          const query = new URL(request.url).searchParams;
          return route.handle({ request, client, params, query, server: this.#server });
        });
      });
    }
    return this;
  }

  fetch(request: Request): Response | Promise<Response> {
    return this.#app.fetch(request);
  }

  async #answer(
    request: Request,
    route: Pick<Route, 'path'> & { readonly method: string },
    form: FailureForm,
    handle: () => Promise<Response> | Response,
  ): Promise<Response> {
    let response: Response;
    try {
      // What a GET would send would be left unread.
      if (request.method === 'HEAD') throw invalidRequest(405, 'Cannot answer HEAD: expected GET');
      response = await handle();
    } catch (error) {
      response = this.#refuse(error, form);
    }
    for (const [name, value] of SAFE_HEADERS) response.headers.set(name, value);
    this.#server.metrics.requestEnded(route.method, route.path, response.status);
    return response;
  }

  #refuse(error: unknown, form: FailureForm): Response {
    const { status, headers, error: shown } = refusalOf(error);
    if (shown.code === 'INTERNAL') this.#server.settings.onError(error);
    return json(form === 'error' ? { error: shown } : { detail: shown.message }, status, headers);
  }
}

/** @throws {RequestProblem} 401 without a token that is known, 403 for one that does not allow this. */
function authorize(server: ServerParts, request: Request, scope: Scope | 'open' | undefined): Client {
  if (scope === 'open') return nobody(server.settings.storage);
  const client = server.clientOf(request);
  if (client === undefined)
    throw new RequestProblem(
      401,
      'UNAUTHORIZED',
      'Cannot answer: expected "Authorization: Bearer" with a known token',
      {
        'www-authenticate': 'Bearer',
      },
    );
  if (scope !== undefined && !client.scopes.has(scope))
    throw new RequestProblem(
      403,
      'UNAUTHORIZED',
      `Cannot answer: the token does not allow this; expected scope ${scope}`,
    );
  return client;
}

/** `/v1/skills/:skill`. Names of artifacts have slashes. */
function patternOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'artifact' ? ':artifact{.+}' : `:${name}`));
}
