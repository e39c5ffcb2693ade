/** The translator's worker: requests come from the executors' ports, modules go back over them. */
import { parentPort, workerData } from 'node:worker_threads';
import { Executor, executorRecord } from '../layout/control.ts';
import type { TranslatorStart } from './engine.ts';
import type { HotMail } from './mail.ts';
import { Views } from './memory.ts';
import { RunQueue } from './run-queue.ts';
import { Translator } from './translator.ts';

const { memories, ports, names, processor, whole } = workerData as TranslatorStart;
const words = new Views(memories).controlWords;
const queue = new RunQueue(words);
const hostIsTso = process.arch === 'x64' || process.arch === 'ia32';
const translator = new Translator(memories, { hostIsTso, names, processor, whole });
let scheduled = false;

function work(): void {
  scheduled = false;
  const mail = translator.translate();
  if (mail) {
    ports.forEach((port, executor) => {
      port.postMessage(mail);
      Atomics.add(words, (executorRecord(executor) + Executor.mailSeq.offset) >>> 2, 1);
      Atomics.store(words, (executorRecord(executor) + Executor.poll.offset) >>> 2, 1);
    });
    queue.ringAll();
    parentPort!.postMessage(mail.regions.length);
  }
  schedule();
}

/** Work is done in turns of the event loop, so that what comes meanwhile joins the next batch. */
function schedule(): void {
  if (scheduled || translator.pending === 0) return;
  scheduled = true;
  setImmediate(work);
}

for (const port of ports) {
  port.on('message', (mail: HotMail) => {
    translator.request(mail);
    schedule();
  });
}
