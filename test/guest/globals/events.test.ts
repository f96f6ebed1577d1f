import { describe, expect, it } from 'vitest';

import { createGuestVm, expectSame, shownValue } from './guest-vm.ts';

const guest = await createGuestVm();

/** Statements that push onto `seen`. */
function told(statements: string): string {
  return `(() => { const seen = []; ${statements} return seen; })()`;
}

describe('EventTarget', () => {
  it('calls its listeners as Node does', () => {
    expectSame(guest, [
      told(`
        const target = new EventTarget();
        const listener = (event) => seen.push(event.type, event.defaultPrevented, event.target === target);
        target.addEventListener('x', listener);
        target.addEventListener('x', listener);
        target.addEventListener('x', listener, true);
        target.addEventListener('x', { handleEvent(event) { seen.push('object', typeof this.handleEvent); event.preventDefault(); } });
        target.addEventListener('x', (event) => event.preventDefault(), { passive: true });
        target.addEventListener('x', (event) => { seen.push('stop'); event.stopImmediatePropagation(); }, { once: true });
        target.addEventListener('x', () => seen.push('after the stop'));
        const controller = new AbortController();
        target.addEventListener('x', () => seen.push('gone'), { signal: controller.signal });
        controller.abort();
        target.addEventListener('x', () => seen.push('never there'), { signal: controller.signal });
        seen.push(target.dispatchEvent(new Event('x', { cancelable: true })));
        target.removeEventListener('x', listener);
        seen.push(target.dispatchEvent(new Event('x')), target.dispatchEvent(new Event('y')));
      `),
      told(
        `class Target extends EventTarget {} const target = new Target(); target.addEventListener('a', (event) => seen.push(event.target === target)); target.dispatchEvent(new Event('a'));`,
      ),
      told(
        `const event = new Event('x', { bubbles: true, composed: true }); seen.push(event.type, event.bubbles, event.composed, event.cancelable, event.target, event.eventPhase, event.isTrusted, event.composedPath(), typeof event.timeStamp);`,
      ),
      'new EventTarget().dispatchEvent({})',
      'new Event()',
      `new EventTarget().addEventListener('x', 5)`,
      `new EventTarget().addEventListener('x')`,
      `new EventTarget().addEventListener('x', () => {}, { signal: {} })`,
      `EventTarget.prototype.addEventListener.call({}, 'x', () => {})`,
    ]);
  });

  it('follows the standard where Node does not', () => {
    // Node forgets the current target after the first listener, and calls listeners that were added meanwhile.
    const code = told(`
      const target = new EventTarget();
      const removed = () => seen.push('removed');
      target.addEventListener('x', () => { seen.push('first'); target.removeEventListener('x', removed); target.addEventListener('x', () => seen.push('new'), { once: true }); });
      target.addEventListener('x', removed);
      target.addEventListener('x', (event) => seen.push(event.currentTarget === target, event.eventPhase));
      const event = new Event('x');
      target.dispatchEvent(event);
      seen.push(event.currentTarget, event.eventPhase, event.target === target);
      target.dispatchEvent(event);
    `);
    expect(shownValue(guest.show(code))).toEqual(['first', true, 2, null, 0, true, 'first', true, 2, 'new']);
  });

  it('refuses an event that is under way', () => {
    expect(
      guest.show(
        told(
          `const target = new EventTarget(); const event = new Event('x'); target.addEventListener('x', () => { try { target.dispatchEvent(event); } catch (error) { seen.push(error.name); } }); target.dispatchEvent(event);`,
        ),
      ),
    ).toBe('{"value":["InvalidStateError"]}');
  });

  it('goes on after a listener that throws', () => {
    const code = told(
      `const target = new EventTarget(); target.addEventListener('x', () => { throw new Error('no'); }); target.addEventListener('x', () => seen.push('called')); seen.push(target.dispatchEvent(new Event('x')));`,
    );
    expect(guest.show(code)).toBe('{"value":["called",true]}');
  });
});

describe('AbortSignal', () => {
  it('tells who listens, as Node does', () => {
    expectSame(guest, [
      told(`
        const controller = new AbortController();
        const { signal } = controller;
        const any = AbortSignal.any([signal, new AbortController().signal]);
        const next = AbortSignal.any([any]);
        any.addEventListener('abort', () => seen.push('any', any.reason));
        signal.addEventListener('abort', () => seen.push('listener', any.aborted, next.aborted), { once: true });
        signal.onabort = (event) => seen.push('on', event.type, event.isTrusted, event.target === signal);
        controller.abort('reason');
        controller.abort('again');
        seen.push(signal.aborted, signal.reason, AbortSignal.any([any]).reason);
      `),
      told(
        `const signal = AbortSignal.abort(); seen.push(signal.aborted, signal.reason.name, signal.reason.message, signal.reason.code, signal.reason instanceof DOMException);`,
      ),
      told(
        `const controller = new AbortController(); controller.signal.onabort = () => seen.push('called'); controller.signal.onabort = null; controller.abort();`,
      ),
      'AbortSignal.abort(null).reason',
      'AbortSignal.abort(7).throwIfAborted()',
      'new AbortController().signal.throwIfAborted()',
      'new AbortSignal()',
      'AbortSignal.any(5)',
      'AbortSignal.any([5])',
      'AbortSignal.any([]).aborted',
      'AbortSignal.timeout(-1)',
      `AbortSignal.timeout('x')`,
      'AbortSignal.timeout(NaN)',
      'AbortSignal.timeout()',
      'AbortController.prototype.abort.call({})',
    ]);
  });

  it('times out by the timer that it is given', () => {
    const code = told(
      `const signal = AbortSignal.timeout(1234); const [callback, delay] = timers.pop(); seen.push(signal.aborted, delay); callback(); seen.push(signal.aborted, signal.reason.name, signal.reason.message, signal.reason.code);`,
    );
    expect(shownValue(guest.show(code))).toEqual([
      false,
      1234,
      true,
      'TimeoutError',
      'The operation was aborted due to timeout',
      DOMException.TIMEOUT_ERR,
    ]);
  });
});
