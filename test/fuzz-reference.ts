/** The reference side of the fuzzer: a batch under qemu-arm. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessorName } from '../src/processor/processors.table.ts';
import { CaseOutput } from './fuzz-case.ts';

export const reference = 'qemu-arm';

/** Whether the reference emulator is installed. */
export function referenceInstalled(): boolean {
  return spawnSync(reference, ['--version']).status === 0;
}

/** Processor time is what a batch needs, but on a busy machine it may have to wait for it. */
const runMsMax = 300_000;

/**
 * Runs a program of `count` starts (fuzz-image.ts) under the reference.
 * @returns the CaseOutput records, one after another
 * @throws Error when the reference cannot be started or the driver itself fails
 */
export function runReference(image: Uint8Array, count: number, cpu: ProcessorName): Int32Array {
  const folder = mkdtempSync(join(tmpdir(), 'armada-fuzz-'));
  try {
    const path = join(folder, 'batch');
    writeFileSync(path, image, { mode: 0o755 });
    const bytes = count * CaseOutput.bytes;
    const run = spawnSync(reference, ['-cpu', cpu, path], { maxBuffer: bytes + 4096, timeout: runMsMax });
    if (run.error) throw run.error;
    if (run.status !== 0 || run.stdout.length !== bytes)
      throw new Error(
        `${reference} ended with ${run.signal ?? run.status} after ${run.stdout.length} of ${bytes} bytes: ${run.stderr}`,
      );
    return new Int32Array(run.stdout.buffer.slice(run.stdout.byteOffset, run.stdout.byteOffset + bytes));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
