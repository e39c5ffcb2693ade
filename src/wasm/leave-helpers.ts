/** Helpers for the ways out of a region: exits with a reason, and transfers to computed addresses. */
import { denyReadMask, granuleBytes, granuleShift } from '../layout/access.ts';
import { Executor, JumpCacheEntry, jumpCacheEntries } from '../layout/control.ts';
import { accessIsWrite, ExitReason, exitSentinel } from '../layout/cpu.ts';
import type { Assembly, Tree } from './assembler.ts';
import { controlMemory } from './code.ts';
import { regionType } from './region-type.ts';

/** Bits of `packed`, the third argument of `leave`: exitInfo2, ITSTATE and the reason. */
export function packExit(reason: number, itstate: number, info2 = 0): number {
  return info2 | (itstate << 16) | (reason << 24);
}

const store = (offset: number, value: Tree): Tree => ['i32.store', controlMemory, offset, 'cpu', value];

/**
 * Notes why and where the guest leaves, and gives the sentinel. An access exit names the first address of its span
 * that lies in a denied granule: the first address itself, or else the start of the second granule (a span touches two
 * at the most).
 */
export const leave: Assembly = {
  name: 'leave',
  parameters: { info: 'i32', pc: 'i32', packed: 'i32', cpu: 'i32' },
  locals: { reason: 'i32' },
  result: 'i32',
  body: [
    ['set', 'reason', ['i32.shr_u', 'packed', 24]],
    [
      'if',
      ['i32.eq', 'reason', ExitReason.access],
      [
        [
          'if',
          [
            'i32.eqz',
            [
              'i32.and',
              ['i32.load8_u', controlMemory, 0, ['i32.shr_u', 'info', granuleShift]],
              ['select', 0xff, denyReadMask, ['i32.and', 'packed', accessIsWrite]],
            ],
          ],
          [['set', 'info', ['i32.add', ['i32.or', 'info', granuleBytes - 1], 1]]],
        ],
      ],
    ],
    store(Executor.exitReason.offset, 'reason'),
    store(Executor.exitInfo.offset, 'info'),
    store(Executor.exitInfo2.offset, ['i32.and', 'packed', 0xffff]),
    store(Executor.pc.offset, 'pc'),
    store(Executor.itstate.offset, ['i32.and', ['i32.shr_u', 'packed', 16], 0xff]),
    exitSentinel,
  ],
};

/** Probes the executor's jump cache for `target`: runs `hit` with `slot` set, or else goes on behind. */
const probe = (...hit: Tree[]): Tree[] => [
  [
    'set',
    'entry',
    [
      'i32.add',
      ['i32.load', controlMemory, Executor.jumpCache.offset, 'cpu'],
      ['i32.mul', ['i32.and', ['i32.shr_u', 'target', 1], jumpCacheEntries - 1], JumpCacheEntry.bytes],
    ],
  ],
  ['if', ['i32.eq', ['i32.load', controlMemory, JumpCacheEntry.pc.offset, 'entry'], 'target'], hit as unknown as Tree],
];

const throughCache: Tree = [
  'return_call_indirect',
  regionType,
  'cpu',
  ['i32.load', controlMemory, JumpCacheEntry.slot.offset, 'entry'],
];

/** Leaves at `target` by exit. */
const leaveAtTarget: Tree[] = [
  store(Executor.pc.offset, 'target'),
  store(Executor.exitReason.offset, ExitReason.jump),
  exitSentinel,
];

/**
 * Goes on at a computed address: the region that the jump cache has for it, else back to the caller with the address
 * (which may be where it waits for a return).
 */
export const jumpIndirect: Assembly = {
  name: 'jump_indirect',
  parameters: { target: 'i32', cpu: 'i32' },
  locals: { entry: 'i32' },
  result: 'i32',
  body: [
    ...probe(throughCache),
    ['if', ['i32.eq', 'target', exitSentinel], [...leaveAtTarget.slice(0, -1), ['return', exitSentinel]]],
    'target',
  ],
};

/**
 * The same for a call. An address that the cache does not have leaves by exit: the caller may not take it for a return.
 */
export const callIndirect: Assembly = {
  name: 'call_indirect',
  parameters: { target: 'i32', cpu: 'i32' },
  locals: { entry: 'i32' },
  result: 'i32',
  body: [...probe(throughCache), ...leaveAtTarget],
};
