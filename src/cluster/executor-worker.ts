/** An executor's worker: joins the engine's executor with the personality's local calls. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { ExecutorStart } from '../engine/engine.ts';
import { Executor, LocalCall } from '../engine/executor.ts';
import type { ExecutorMail } from '../engine/mail.ts';
import { sharpenTimers } from '../engine/timer-slack.ts';
import { Cpu } from '../layout/cpu.ts';
import { localSyscallRow } from '../linux/local-syscalls.table.ts';
import { marshalInputs, marshalOutputs } from '../linux/marshal.ts';
import { DelegatedCall } from '../linux/syscall-call.ts';
import { RecordThread } from './local-thread.ts';
import type { ExecutorData } from './node.ts';

const start = workerData as ExecutorStart;
const { memories, index, processor, agentPort, translatorPort, hotEntries, hotReturns, coldFragments } = start;
const { firstProcessor, clocks, isAlone } = start.data as ExecutorData;

/** Threads of this node are all that can store; nobody says when one has. */
const waitDozeMsAlone = 0.02;
/**
 * A store of another node takes the block away first, which ends the sleep. Until then each look takes the processor
 * from the agent: the spin ping-pong took 900 µs a turn with 20 µs of sleep, 500 with 150.
 */
const waitDozeMs = 0.15;

function takeMail(): ExecutorMail | undefined {
  const mail = receiveMessageOnPort(agentPort) ?? (translatorPort && receiveMessageOnPort(translatorPort));
  return mail?.message as ExecutorMail | undefined;
}

/** Serves the call in place when its row says so and all memory that it touches is here; else the agent does. */
function localCall(executor: Executor): LocalCall {
  const { words, at, memory } = executor;
  const row = localSyscallRow(words[at + 7]!);
  if (!row) return LocalCall.delegated;
  const args = words.slice(at, at + 7);
  let away = false;
  const read = (address: number, length: number): Uint8Array | null => {
    if (memory.firstDenied(address, length, false) < 0) return memory.bytes.slice(address, address + length);
    away = true;
    return null;
  };
  const write = (address: number, bytes: Uint8Array): boolean => {
    memory.bytes.set(bytes, address);
    return true;
  };
  const marshalled = marshalInputs(row.args, args, read);
  if (away) return LocalCall.delegated;
  if (typeof marshalled === 'number') {
    words[at + Cpu.r.index32] = marshalled;
    return LocalCall.served;
  }
  // Nothing may stop the call half-way: what it will write must be here before it is served.
  for (const [i, argument] of marshalled.entries())
    if (argument && argument.capacity > 0 && memory.firstDenied(args[i]! >>> 0, argument.capacity, true) >= 0)
      return LocalCall.delegated;
  const call = new DelegatedCall(args, marshalled);
  const result = row.handler(thread.at(executor.threadAt, at), call);
  marshalOutputs(row.args, args, call.outputsFor(result), read, write);
  words[at + Cpu.r.index32] = result;
  return row.name === 'sched_yield' ? LocalCall.yielding : LocalCall.served;
}

const hot = translatorPort && ((mail: unknown) => translatorPort.postMessage(mail));
const executor = new Executor(index, memories, {
  processor,
  localCall,
  takeMail,
  hot,
  hotEntries,
  hotReturns,
  coldFragments,
  waitDozeMs: isAlone ? waitDozeMsAlone : waitDozeMs,
});
const thread = new RecordThread(executor.words, firstProcessor + index, clocks);
sharpenTimers();
executor.run();
