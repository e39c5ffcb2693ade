/**
 * Checks, loads and stores of the interpreter. Every address wraps at 2^32. An aligned access of 2, 4 or 8 bytes is a
 * single access of the host; others go by parts, as the architecture allows (Arm ARM DDI 0406C, A3.5.3).
 */
import { denyReadMask, granuleBytes, granuleCount, granuleShift } from '../../layout/access.ts';
import { accessTableBase } from '../../layout/control.ts';
import { accessIsWrite, ExitReason } from '../../layout/cpu.ts';
import type { Machine, Operations } from './machine.ts';

export const memoryOperations = (m: Machine) => {
  const { i32: x, i64: q, access } = m;
  const bytes = new Uint8Array(m.guest);
  const halves = new Uint16Array(m.guest);
  const words = new Int32Array(m.guest);
  const doubles = new BigInt64Array(m.guest);

  const read16 = (address: number): number =>
    (address & 1) === 0 ? halves[address >>> 1] : bytes[address] | (bytes[(address + 1) >>> 0] << 8);
  const read32 = (address: number): number =>
    (address & 3) === 0 ? words[address >>> 2] : read16(address) | (read16((address + 2) >>> 0) << 16);
  const write16 = (address: number, value: number): void => {
    if ((address & 1) === 0) halves[address >>> 1] = value;
    else {
      bytes[address] = value;
      bytes[(address + 1) >>> 0] = value >> 8;
    }
  };
  const write32 = (address: number, value: number): void => {
    if ((address & 3) === 0) words[address >>> 2] = value;
    else {
      write16(address, value);
      write16((address + 2) >>> 0, value >> 16);
    }
  };

  /** Denied when a granule that the span touches has one of the bits of `mask`. */
  const check = (at: number, first: number, count: number, mask: number, write: number): number => {
    let granule = first >>> granuleShift;
    const last = ((first + count - 1) >>> 0) >>> granuleShift;
    let address = first;
    while ((access[accessTableBase + granule] & mask) === 0) {
      if (granule === last) return at + 1;
      granule = (granule + 1) & (granuleCount - 1);
      address = granule * granuleBytes;
    }
    return m.leaveHere(ExitReason.access, address, count | write);
  };

  const load32 = (at: number, a: number, b: number): number => {
    x[at << 2] = read32((x[a << 2] + b) >>> 0);
    return at + 1;
  };
  const load64 = (at: number, a: number, b: number): number => {
    const address = (x[a << 2] + b) >>> 0;
    if ((address & 7) === 0) q[at << 1] = doubles[address >>> 3];
    else {
      x[at << 2] = read32(address);
      x[(at << 2) + 1] = read32((address + 4) >>> 0);
    }
    return at + 1;
  };
  const store32 = (at: number, a: number, b: number, c: number): number => {
    write32((x[a << 2] + b) >>> 0, x[c << 2]);
    return at + 1;
  };
  const store64 = (at: number, a: number, b: number, c: number): number => {
    const address = (x[a << 2] + b) >>> 0;
    if ((address & 7) === 0) doubles[address >>> 3] = q[c << 1];
    else {
      write32(address, x[c << 2]);
      write32((address + 4) >>> 0, x[(c << 2) + 1]);
    }
    return at + 1;
  };

  return {
    'check.read': (at, a, b, c) => check(at, (x[a << 2] + b) >>> 0, c, denyReadMask, 0),
    'check.write': (at, a, b, c) => check(at, (x[a << 2] + b) >>> 0, c, m.denyWrite, accessIsWrite),
    'check.aligned': (at, a, b) => {
      const address = x[a << 2];
      return (address & (b - 1)) === 0 ? at + 1 : m.leaveHere(ExitReason.alignment, address, 0);
    },
    'load.8u': (at, a, b) => {
      x[at << 2] = bytes[(x[a << 2] + b) >>> 0];
      return at + 1;
    },
    'load.8s': (at, a, b) => {
      x[at << 2] = (bytes[(x[a << 2] + b) >>> 0] << 24) >> 24;
      return at + 1;
    },
    'load.16u': (at, a, b) => {
      x[at << 2] = read16((x[a << 2] + b) >>> 0);
      return at + 1;
    },
    'load.16s': (at, a, b) => {
      x[at << 2] = (read16((x[a << 2] + b) >>> 0) << 16) >> 16;
      return at + 1;
    },
    'load.32': load32,
    'load.64': load64,
    'load.f32': load32,
    'load.f64': load64,
    'load.v128': (at, a, b) => {
      const address = x[a << 2] + b;
      for (let k = 0; k < 4; k++) x[(at << 2) + k] = read32((address + 4 * k) >>> 0);
      return at + 1;
    },
    'store.8': (at, a, b, c) => {
      bytes[(x[a << 2] + b) >>> 0] = x[c << 2];
      return at + 1;
    },
    'store.16': (at, a, b, c) => {
      write16((x[a << 2] + b) >>> 0, x[c << 2]);
      return at + 1;
    },
    'store.32': store32,
    'store.64': store64,
    'store.f32': store32,
    'store.f64': store64,
    'store.v128': (at, a, b, c) => {
      const address = x[a << 2] + b;
      for (let k = 0; k < 4; k++) write32((address + 4 * k) >>> 0, x[(c << 2) + k]);
      return at + 1;
    },
  } satisfies Partial<Operations>;
};
