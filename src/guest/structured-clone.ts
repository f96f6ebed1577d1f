import { decodeValue } from '../protocol/codec/decode.ts';
import { encodeValue } from '../protocol/codec/encode.ts';
import {
  bufferIsDetached,
  bufferLength,
  copyBytes,
  IntrinsicSet,
  isArray,
  isBuffer,
  isRecord,
  setAdd,
  setForEach,
  setHas,
  transferBuffer,
} from '../protocol/codec/intrinsics.ts';

const IntrinsicDOMException = DOMException;

/**
 * The guest's `structuredClone`. Unlike the web's it keeps objects without a prototype, and leaves out what the codec
 * leaves out: further properties of arrays, for example.
 *
 * @throws DOMException `DataCloneError` for functions, symbols, promises and the like, naming the path.
 */
export function structuredCloneInGuest(value: unknown, options?: unknown): unknown {
  const transfer = buffersToTransfer(isRecord(options) ? options['transfer'] : undefined);
  const takeBuffer = (buffer: ArrayBuffer): ArrayBuffer =>
    setHas(transfer, buffer) ? transferBuffer(buffer) : copyBytes(buffer, 0, bufferLength(buffer));
  // However long it takes: it is the run's own CPU time.
  const clone = decodeValue(encodeOrRefuse(value, takeBuffer), Infinity);
  // What is to be moved leaves its owner even where the value does not hold it.
  setForEach(transfer, (buffer) => {
    if (isBuffer(buffer) && !bufferIsDetached(buffer)) transferBuffer(buffer);
  });
  return clone;
}

function encodeOrRefuse(
  value: unknown,
  takeBuffer: (buffer: ArrayBuffer) => ArrayBuffer,
): ReturnType<typeof encodeValue> {
  try {
    return encodeValue(value, { maxBytes: Infinity, root: 'value', takeBuffer });
  } catch (error) {
    // Not by `instanceof`: that asks `Error[Symbol.hasInstance]`, which anybody can set.
    const isRefusal = isRecord(error) && error['code'] === 'NOT_TRANSFERABLE';
    throw isRefusal && typeof error['message'] === 'string' ? cloneError(error['message']) : error;
  }
}

function buffersToTransfer(list: unknown): ReadonlySet<object> {
  const buffers = new IntrinsicSet<object>();
  if (list === undefined) return buffers;
  if (!isArray(list)) throw cloneError('Cannot transfer: the transfer list is no array');
  for (let i = 0; i < list.length; i++) {
    const buffer = list[i];
    if (!isBuffer(buffer))
      throw cloneError('Cannot transfer: an entry of the transfer list is no ArrayBuffer; only those can be moved');
    if (bufferIsDetached(buffer))
      throw cloneError('Cannot transfer: an ArrayBuffer is detached; pass the one it moved to');
    if (setHas(buffers, buffer))
      throw cloneError('Cannot transfer: an ArrayBuffer is twice in the transfer list; name it once');
    setAdd(buffers, buffer);
  }
  return buffers;
}

function cloneError(message: string): DOMException {
  return new IntrinsicDOMException(message, 'DataCloneError');
}
