/** The place of a unix socket: a directory that only its owner may enter takes the part of the key. */
import { chmodSync, mkdirSync, statSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { UserError } from '../base/user-error.ts';

/**
 * Makes the directory of `path` (mode 0700) if it is missing.
 * @throws UserError when it is open to others or belongs to another user.
 */
export function prepareSocketDirectory(path: string): void {
  const directory = dirname(path);
  try {
    // The umask may have taken more than mkdir's mode allows, never less.
    if (mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(directory, 0o700);
    const { mode, uid } = statSync(directory);
    if (uid !== process.getuid?.())
      throw new UserError(
        `directory ${directory} belongs to another user; choose a socket path in a directory of yours`,
      );
    if ((mode & 0o077) !== 0)
      throw new UserError(`directory ${directory} is open to others; run: chmod 700 ${directory}, or choose another`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`can't make directory ${directory}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Removes a socket that no process listens on any more. @returns whether it did. */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const code = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  if (code !== 'ECONNREFUSED') return false;
  unlinkSync(path);
  return true;
}
