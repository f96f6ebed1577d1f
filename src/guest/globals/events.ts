import { apply, newList, ownOption } from '../../protocol/codec/intrinsics.ts';
import { currentTime, IntrinsicDOMException, reflectGet, rejectedPromise } from './captured.ts';
import { defineConstant, nameClass, showMembers } from './define.ts';
import { isCallable, isObject } from './encode.ts';
import { incompatible, requireArguments, typeError } from './errors.ts';
import { host } from './host.ts';

const PHASES = ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE'];
const AT_TARGET = 2;

interface Listener {
  readonly callback: unknown;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

/** How a target sends an event through its listeners. */
interface Dispatch { ... }
