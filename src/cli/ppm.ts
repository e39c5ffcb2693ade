import { UserError } from '../base/user-error.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, 8 bits each, row by row. */
  readonly pixels: Uint8Array;
}

/** Reads a binary PPM (P6, 8 bits a sample: ppm(5)). @throws UserError when it is none */
export function readPpm(bytes: Uint8Array): Picture {
  const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(Buffer.from(bytes.subarray(0, 64)).toString('latin1'));
  if (!header) throw new UserError('the renderer wrote no picture (not a binary PPM)');
  const [width, height] = [Number(header[1]), Number(header[2])];
  const pixels = bytes.subarray(header[0].length);
  if (pixels.length !== width * height * 3) throw new UserError('the renderer wrote a picture that is cut short');
  return { width, height, pixels };
}
