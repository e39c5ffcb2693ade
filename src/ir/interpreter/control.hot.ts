/** Polls and ends of blocks of the interpreter. Every transfer out of the function leaves pc for the dispatcher. */
import { Executor } from '../../layout/control.ts';
import { ExitReason } from '../../layout/cpu.ts';
import type { Machine, Operations } from './machine.ts';

export const controlOperations = (m: Machine) => {
  const { i32: x, control } = m;
  const goOn = (pc: number): number => m.leave(ExitReason.jump, pc, 0, 0, 0);
  return {
    poll: (at, a) => (control[m.cpu + Executor.poll.index32] === 0 ? at + 1 : m.leave(ExitReason.poll, a, 0, 0, 0)),
    jump: (_at, a) => m.starts[a],
    branch: (_at, a, b, c) => m.starts[x[a << 2] !== 0 ? b : c],
    'exit.jump': (_at, a) => goOn(a),
    'exit.indirect': (_at, a) => goOn(x[a << 2]),
    'exit.return': (_at, a) => goOn(x[a << 2]),
    call: (_at, a) => goOn(a),
    'call.indirect': (_at, a) => goOn(x[a << 2]),
    'exit.syscall': (_at, a, b, c) => m.leave(ExitReason.syscall, b, c, a, 0),
    'exit.undefined': (_at, a) => m.leaveHere(ExitReason.undefined, a, 0),
    'exit.breakpoint': (_at, a) => m.leaveHere(ExitReason.breakpoint, a, 0),
    'exit.continue': (_at, a, b) => m.leave(ExitReason.jump, a, b, 0, 0),
  } satisfies Partial<Operations>;
};
