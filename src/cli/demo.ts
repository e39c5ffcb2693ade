/** The demonstration: renders on a local cluster, shows how far it is, and writes the picture. */
import { spawn } from 'node:child_process';
import { constants as access, accessSync, createWriteStream, existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Presets, SingleBar } from 'cli-progress';
import { PNG } from 'pngjs';
import { UserError } from '../base/user-error.ts';
import { readPpm } from './ppm.ts';

export interface DemoFlags {
  nodes: number;
  output: string;
}

const renderer = fileURLToPath(new URL('../../demo/renderer', import.meta.url));

export async function demo({ nodes, output }: DemoFlags): Promise<void> {
  if (!existsSync(renderer)) throw new UserError(`${renderer} is missing; build it with demo/build.sh`);
  // Before the work, not after it: can the picture be written?
  try {
    accessSync(dirname(resolve(output)), access.W_OK);
  } catch (error) {
    throw new UserError(`can't write the picture to ${output}: ${(error as Error).message}`);
  }
  const { status, picture } = await render(nodes);
  if (status === 0) {
    await pipeline(toPng(picture).pack(), createWriteStream(output));
    process.stderr.write(`The picture is in ${output}.\n`);
  }
  process.exitCode = status;
}

/**
 * Runs the renderer as any user would; its progress lines become a bar, the rest is shown. The picture comes over its
 * standard output: nothing is left behind, whatever ends this.
 */
function render(nodes: number): Promise<{ status: number; picture: Buffer }> {
  const args = [process.argv[1]!, 'run', '--nodes', String(nodes), '--stats', renderer, '-'];
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: ['inherit', 'pipe', 'pipe'] });
  const picture: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => picture.push(chunk));
  const bar = new SingleBar(
    { format: 'rendering {bar} {percentage} % of {total} tiles', clearOnComplete: false },
    Presets.shades_classic,
  );
  let started = false;
  const finish = (): void => {
    if (started) bar.stop();
    started = false;
  };
  const lines = createInterface({ input: child.stderr });
  lines.on('line', (line) => {
    const progress = /^progress (\d+)\/(\d+)$/.exec(line);
    if (!progress) {
      finish();
      process.stderr.write(`${line}\n`);
      return;
    }
    const [done, total] = [Number(progress[1]), Number(progress[2])];
    if (!started) bar.start(total, done);
    started = true;
    bar.update(done);
    if (done === total) finish();
  });
  return new Promise((resolve) => {
    // Ctrl-C goes to the renderer too; what is meant for this process alone is handed on. Its end is this command's end.
    process.on('SIGINT', () => {});
    for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
    child.once('close', (status, signal) =>
      resolve({ status: status ?? 128 + constants.signals[signal!], picture: Buffer.concat(picture) }),
    );
  });
}

function toPng(picture: Uint8Array): PNG {
  const { width, height, pixels } = readPpm(picture);
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) {
    png.data.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
    png.data[i * 4 + 3] = 255;
  }
  return png;
}
