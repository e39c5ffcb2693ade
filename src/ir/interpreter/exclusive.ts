/**
 * Exclusive accesses, swaps and barriers of the interpreter.
 *
 * A load notes the granule's tag (even: nobody is storing) and then the value; a store takes the tag by making it odd,
 * compares and exchanges the value, and gives the tag back, two further when it stored. So a store fails when another
 * exclusive store to the granule came between, and when an ordinary store changed the value.
 */

import { granuleShift } from '../../layout/access.ts';
import { exclusiveTagBase, exclusiveTags } from '../../layout/control.ts';
import { Cpu } from '../../layout/cpu.ts';
import type { Machine, Operations } from './machine.ts';

const tagWord = (address: number): number =>
  (exclusiveTagBase >>> 2) + ((address >>> granuleShift) & (exclusiveTags - 1));

export const exclusiveOperations = (m: Machine) => {
  const { i32: x, i64: q, control } = m;
  const bytes = new Uint8Array(m.guest);
  const halves = new Uint16Array(m.guest);
  const words = new Int32Array(m.guest);
  const doubles = new BigInt64Array(m.guest);

  /** The tag of the address's granule once nobody is storing there: a few instructions' wait at most. */
  const evenTag = (address: number): number => {
    for (;;) {
      const tag = Atomics.load(control, tagWord(address));
      if ((tag & 1) === 0) return tag;
    }
  };

  /** Notes what a load-exclusive of value `at` saw. */
  const note = (at: number, address: number, tag: number, size: number): number => {
    control[m.cpu + Cpu.exclusiveAddress.index32] = address;
    control[m.cpu + Cpu.exclusiveTag.index32] = tag;
    control[m.cpu + Cpu.exclusiveBytes.index32] = size;
    control[m.cpu + Cpu.exclusiveLow.index32] = x[at << 2];
    control[m.cpu + Cpu.exclusiveHigh.index32] = size === 8 ? x[(at << 2) + 1] : 0;
    return at + 1;
  };

  /** Takes the granule's tag when the monitor covers the access; the monitor is open afterwards in each case. */
  const take = (address: number, size: number): boolean => {
    const cpu = m.cpu;
    const matches =
      control[cpu + Cpu.exclusiveAddress.index32] === address && control[cpu + Cpu.exclusiveBytes.index32] === size;
    control[cpu + Cpu.exclusiveAddress.index32] = -1;
    if (!matches) return false;
    const tag = control[cpu + Cpu.exclusiveTag.index32];
    return Atomics.compareExchange(control, tagWord(address), tag, tag | 1) === tag;
  };

  /**
   * Gives the tag back; the store's result. By adding: the agent may have raised the tag meanwhile, for a block whose
   * granules share it.
   */
  const release = (at: number, address: number, stored: boolean): number => {
    Atomics.add(control, tagWord(address), stored ? 1 : -1);
    x[at << 2] = stored ? 0 : 1;
    return at + 1;
  };

  const fail = (at: number): number => {
    x[at << 2] = 1;
    return at + 1;
  };

  const noted = (): number => control[m.cpu + Cpu.exclusiveLow.index32];

  return {
    'ldrex.8': (at, a) => {
      const address = x[a << 2];
      const tag = evenTag(address);
      x[at << 2] = Atomics.load(bytes, address >>> 0);
      return note(at, address, tag, 1);
    },
    'ldrex.16': (at, a) => {
      const address = x[a << 2];
      const tag = evenTag(address);
      x[at << 2] = Atomics.load(halves, address >>> 1);
      return note(at, address, tag, 2);
    },
    'ldrex.32': (at, a) => {
      const address = x[a << 2];
      const tag = evenTag(address);
      x[at << 2] = Atomics.load(words, address >>> 2);
      return note(at, address, tag, 4);
    },
    'ldrex.64': (at, a) => {
      const address = x[a << 2];
      const tag = evenTag(address);
      q[at << 1] = Atomics.load(doubles, address >>> 3);
      return note(at, address, tag, 8);
    },
    'strex.8': (at, a, b) => {
      const address = x[a << 2];
      if (!take(address, 1)) return fail(at);
      const expected = noted();
      return release(
        at,
        address,
        Atomics.compareExchange(bytes, address >>> 0, expected, x[b << 2] & 0xff) === expected,
      );
    },
    'strex.16': (at, a, b) => {
      const address = x[a << 2];
      if (!take(address, 2)) return fail(at);
      const expected = noted();
      return release(
        at,
        address,
        Atomics.compareExchange(halves, address >>> 1, expected, x[b << 2] & 0xffff) === expected,
      );
    },
    'strex.32': (at, a, b) => {
      const address = x[a << 2];
      if (!take(address, 4)) return fail(at);
      const expected = noted();
      return release(at, address, Atomics.compareExchange(words, address >>> 2, expected, x[b << 2]) === expected);
    },
    'strex.64': (at, a, b) => {
      const address = x[a << 2];
      if (!take(address, 8)) return fail(at);
      const high = control[m.cpu + Cpu.exclusiveHigh.index32];
      const expected = (BigInt(high) << 32n) | BigInt(noted() >>> 0);
      const found = Atomics.compareExchange(doubles, address >>> 3, expected, q[b << 1]);
      return release(at, address, found === expected);
    },
    clrex: (at) => {
      control[m.cpu + Cpu.exclusiveAddress.index32] = -1;
      return at + 1;
    },
    'swap.8': (at, a, b) => {
      x[at << 2] = Atomics.exchange(bytes, x[a << 2] >>> 0, x[b << 2] & 0xff);
      return at + 1;
    },
    'swap.32': (at, a, b) => {
      x[at << 2] = Atomics.exchange(words, x[a << 2] >>> 2, x[b << 2]);
      return at + 1;
    },
    // Any sequentially consistent access is a full barrier; this word is the executor's own.
    fence: (at) => {
      Atomics.or(control, m.cpu + Cpu.exitInfo2.index32, 0);
      return at + 1;
    },
  } satisfies Partial<Operations>;
};
