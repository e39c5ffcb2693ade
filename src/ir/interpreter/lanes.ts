/** Operations on all lanes of a vector, made of functions of one lane. Values are moved through views of one array. */
import type { Operation } from './machine.ts';

/** A typed array over the interpreter's values: lane n of value v is element v * lanes + n, and stores wrap. */
export interface Lanes<T> {
  readonly BYTES_PER_ELEMENT: number;
  [element: number]: T;
}

/** Lanes in a vector. */
export const lanesOf = (view: Lanes<unknown>): number => 16 / view.BYTES_PER_ELEMENT;

export const unary = <A, R>(to: Lanes<R>, from: Lanes<A>, f: (a: A) => R): Operation => {
  const lanes = lanesOf(to);
  return (at, a) => {
    for (let n = 0; n < lanes; n++) to[at * lanes + n] = f(from[a * lanes + n]);
    return at + 1;
  };
};

export const binary = <A, R>(to: Lanes<R>, from: Lanes<A>, f: (a: A, b: A) => R): Operation => {
  const lanes = lanesOf(to);
  return (at, a, b) => {
    for (let n = 0; n < lanes; n++) to[at * lanes + n] = f(from[a * lanes + n], from[b * lanes + n]);
    return at + 1;
  };
};

/** The operation that `make` gives for each shape, by name. */
export const forShapes = <Shape extends string, Name extends string>(
  shapes: readonly Shape[],
  name: Name,
  make: (shape: Shape) => Operation,
): Record<`${Shape}.${Name}`, Operation> =>
  Object.fromEntries(shapes.map((shape) => [`${shape}.${name}`, make(shape)])) as Record<`${Shape}.${Name}`, Operation>;
