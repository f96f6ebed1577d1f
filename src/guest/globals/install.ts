import type { GuestPlatform } from '../platform.ts';
import { AbortController, AbortSignal, connectTimer } from './abort.ts';
import type { SetTimeout } from './abort.ts';
import { Crypto } from './crypto.ts';
import { defineHidden } from './define.ts';
import { Event } from './event.ts';
import { EventTarget } from './event-target.ts';
import { connectHost } from './host.ts';
import { createIntl } from './intl.ts';
import { installLocaleMethods } from './locale-methods.ts';
import { Performance } from './performance.ts';
import { TextDecoder, TextEncoder } from './text-coding.ts';
import { URL } from './url.ts';
import { URLSearchParams } from './url-search-params.ts';

/**
 * Defines the web platform's globals and Intl on the guest's global object, and corrects the methods that depend on a
 * locale. The engine itself brings `atob`, `btoa`, `queueMicrotask` and `DOMException`.
 */
export function installGlobals(
  global: object,
  platform: GuestPlatform,
  timers: { readonly setTimeout: SetTimeout },
): void {
  connectHost(platform);
  connectTimer(timers.setTimeout);
  const values = {
    AbortController,
    AbortSignal,
    Event,
    EventTarget,
    Intl: createIntl(),
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
    crypto: new Crypto(),
    performance: new Performance(),
  };
  for (const [name, value] of Object.entries(values)) defineHidden(global, name, value);
  installLocaleMethods();
}
