/** An executor without a personality, for the engine's own tests: every call goes to the agent. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { ExecutorStart } from '../engine.ts';
import { Executor, LocalCall } from '../executor.ts';
import type { ExecutorMail } from '../mail.ts';

const { memories, index, processor, agentPort, translatorPort, hotEntries, hotReturns, coldFragments } =
  workerData as ExecutorStart;
const takeMail = (): ExecutorMail | undefined =>
  (receiveMessageOnPort(agentPort) ?? (translatorPort && receiveMessageOnPort(translatorPort)))?.message;
const hot = translatorPort && ((mail: unknown) => translatorPort.postMessage(mail));
const localCall = () => LocalCall.delegated;
new Executor(index, memories, {
  processor,
  localCall,
  takeMail,
  hot,
  hotEntries,
  hotReturns,
  coldFragments,
  waitDozeMs: 0.02,
}).run();
