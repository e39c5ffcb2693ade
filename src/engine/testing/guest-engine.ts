/** Guest threads on a real engine without a personality, for the engine's own tests. */
import { PageFlag, pageTableBase, threadRecord } from '../../layout/control.ts';
import { Cpu } from '../../layout/cpu.ts';
import { Engine, type Tier } from '../engine.ts';
import type { Request } from '../request-ring.ts';

export const codeAddress = 0x10000;
export const dataAddress = 0x20000;

/** An engine whose guest memory is all accessible, with `code` (A32 words) in it; requests arrive at `next`. */
export function start(tier: Tier, code: readonly number[], executors = 1) {
  const requests: Request[] = [];
  let wanted: ((request: Request) => void) | undefined;
  const engine = new Engine({
    executors,
    executorsAtOnce: 1,
    tier,
    processor: 'max',
    executorEntry: new URL('./executor-worker.ts', import.meta.url),
    executorData: undefined,
    names: false,
    flush: () => {},
    onRequest: (request) => {
      const copy = { ...request };
      if (wanted) wanted(copy);
      else requests.push(copy);
      wanted = undefined;
    },
    onFailure: (error) => {
      throw error;
    },
  });
  engine.views.controlBytes.fill(
    PageFlag.read | PageFlag.write | PageFlag.execute,
    pageTableBase,
    pageTableBase + 0x1000,
  );
  new Int32Array(engine.memory.bytes.buffer).set(code, codeAddress >>> 2);
  engine.start();
  const next = (): Promise<Request> =>
    new Promise((resolve) => {
      const ready = requests.shift();
      if (ready) resolve(ready);
      else wanted = resolve;
    });
  const spawn = (registers: readonly number[]): number => {
    const slot = engine.allocateThread();
    const at = threadRecord(slot) >>> 2;
    engine.words.set(registers, at);
    engine.words[at + Cpu.pc.index32] = codeAddress;
    engine.words[at + Cpu.zf.index32] = 1;
    engine.resume(slot);
    return slot;
  };
  const register = (slot: number, n: number): number => engine.words[(threadRecord(slot) >>> 2) + n]!;
  return { engine, next, spawn, register };
}
