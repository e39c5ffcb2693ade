/** The cluster's shared key as a file: hexadecimal or base64 text, 32 bytes or more, readable by its owner alone. */
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { UserError } from '../base/user-error.ts';

/** The least length of a key, bytes. */
export const keyBytesMin = 32;

/** A fresh random key of 32 bytes. */
export function generateKey(): Uint8Array {
  return randomBytes(keyBytesMin);
}

/**
 * Reads a key file.
 * @throws UserError when it is missing, readable by others (as ssh refuses its keys), not a key, or too short.
 */
export function readKeyFile(path: string): Uint8Array {
  const text = readPrivateText(path);
  const key = decodeKey(text.replace(/\s+/g, ''));
  if (key === undefined) throw new UserError(`key file ${path} holds neither hexadecimal nor base64 text`);
  if (key.length < keyBytesMin)
    throw new UserError(`key file ${path} holds ${key.length} bytes; a key has at least ${keyBytesMin}`);
  return key;
}

/**
 * Writes `key` as hexadecimal text into a new file that its owner alone may read.
 * @throws UserError when the file exists or can't be written.
 */
export function writeKeyFile(path: string, key: Uint8Array): void {
  try {
    writeFileSync(path, `${Buffer.from(key).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') throw new UserError(`key file ${path} exists already; remove it first or name another`);
    throw new UserError(`can't write key file ${path}: ${code}`);
  }
}

/** Checks the open file, not its name, so that it can't be exchanged in between. */
function readPrivateText(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new UserError(`key file ${path} does not exist`);
    throw new UserError(`can't read key file ${path}: ${code}`);
  }
  try {
    const { mode, uid } = fstatSync(fd);
    const own = process.getuid?.() === uid;
    if (own && (mode & 0o077) !== 0)
      throw new UserError(
        `key file ${path} is open to others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`,
      );
    return readFileSync(fd, 'latin1');
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`can't read key file ${path}: ${(error as NodeJS.ErrnoException).code}`);
  } finally {
    closeSync(fd);
  }
}

function decodeKey(text: string): Uint8Array | undefined {
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  return undefined;
}
