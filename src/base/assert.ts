/** An internal invariant that did not hold: a bug in the emulator, never the guest's or the user's fault. */
export class AssertionFailure extends Error {
  override name = 'AssertionFailure';
}

/** @throws AssertionFailure when `condition` is false. Stays on in production: control boundaries only, not hot paths. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** Marks a place that no value may reach; makes a `switch` over a union exhaustive at compile time. */
export function unreachable(value: never, what: string): never {
  throw new AssertionFailure(`${what}: unexpected ${String(value)}`);
}
