/** The functions of the runtime module (module.ts, emitRuntime). */
import { Executor } from '../layout/control.ts';
import { ExitReason, exitSentinel } from '../layout/cpu.ts';
import type { Assembly } from './assembler.ts';
import { controlMemory } from './code.ts';
import { regionType } from './region-type.ts';

/** Fills the slots of regions that are not translated: leaves for the pc that the jumper stored. */
const stub: Assembly = {
  name: 'stub',
  parameters: { cpu: 'i32' },
  result: 'i32',
  body: [['i32.store', controlMemory, Executor.exitReason.offset, 'cpu', ExitReason.jump], exitSentinel],
};

/** Runs the region in a slot of the code table. */
const enter: Assembly = {
  name: 'enter',
  parameters: { slot: 'i32', cpu: 'i32' },
  result: 'i32',
  body: [['return_call_indirect', regionType, 'cpu', 'slot']],
};

export const runtimeFunctions: readonly Assembly[] = [stub, enter];
