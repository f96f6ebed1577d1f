import { pin } from './properties.ts';

/** Takes from the guest what would let one run break the runtime for later ones. */
export function lockIntrinsics(global: object): void {
  // `await` looks up `constructor` and `then` on every promise: who replaced them would break, or listen in on, every later run.
  for (const name of ['constructor', 'then', 'catch', 'finally']) {
    pin(Promise.prototype, name, Reflect.getOwnPropertyDescriptor(Promise.prototype, name)?.value);
  }
  // It would be given the call sites of every error, and with them the runtime's own functions.
  pin(Error, 'prepareStackTrace', undefined);
  // The engine turns template literals into calls of it, the runtime's own among them.
  pin(String.prototype, 'concat', Reflect.getOwnPropertyDescriptor(String.prototype, 'concat')?.value);
  // The engine's own JSON.stringify would meet a setter for an index on Array.prototype.
  Reflect.preventExtensions(Array.prototype);
  // What every object would inherit: a getter, a `toJSON`, an option that the code never passed.
  Reflect.preventExtensions(Object.prototype);
  // Memory that the guest could share with itself alone is of no use, and a clock of high resolution.
  Reflect.deleteProperty(global, 'SharedArrayBuffer');
  Reflect.deleteProperty(global, 'Atomics');
}
