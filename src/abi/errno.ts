import { Errno, type ErrnoName } from './errno.table.ts';

export { Errno, type ErrnoName } from './errno.table.ts';

const names = new Map<number, ErrnoName>(
  Object.entries(Errno).map(([name, value]) => [value, name as ErrnoName] as const),
);

/** The name of a positive error number, or `E<number>` for one that Linux does not define. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `E${errno}`;
}

/** Names that libuv, other systems or Node use where Linux has another. */
const aliases: Record<string, ErrnoName> = {
  ENOTSUP: 'EOPNOTSUPP',
  EWOULDBLOCK: 'EAGAIN',
  EDEADLOCK: 'EDEADLK',
  EFTYPE: 'EINVAL',
  ENOATTR: 'ENODATA',
  ECHARSET: 'EILSEQ',
  ERR_FS_FILE_TOO_LARGE: 'EFBIG',
};

/** The Linux error number for Node's error code ('ENOENT'), which differs from the host's number on macOS. */
export function errnoFromCode(code: string): number | undefined {
  return (Errno as Record<string, number>)[code] ?? Errno[aliases[code] as ErrnoName];
}
