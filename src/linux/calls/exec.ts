/** execve (fs/exec.c, fs/binfmt_script.c): finds the program, follows #! lines, reads arguments, loads. */
import { accessSync, constants, statSync } from 'node:fs';
import { Errno } from '../../abi/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../../abi/file.ts';
import { PAGE_SIZE } from '../../abi/memory.ts';
import { RLIM64_INFINITY, RLIMIT_STACK } from '../../abi/process.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import { LoadError } from '../elf.ts';
import { HostFile } from '../host-file.ts';
import type { Kernel } from '../kernel.ts';
import { defaultStackBytes, type LoadedProgram, loadProgram } from '../loader.ts';

/** A script whose interpreter is a script and so on: as many as Linux follows. */
const interpretersMax = 4;
/** BINPRM_BUF_SIZE: what is looked at of a #! line. */
const scriptLineMax = 256;
/** MAX_ARG_STRLEN, and more pointers than fit in any argument area. */
const stringBytesMax = 32 * PAGE_SIZE;
const stringsMax = 1 << 20;

const isLine = (bytes: Uint8Array): boolean => bytes[0] === 0x23 && bytes[1] === 0x21;

/** A zero-terminated string of the guest; -EFAULT, or -E2BIG when it is longer than any argument. */
async function readString(kernel: Kernel, address: number): Promise<Buffer | number> {
  const parts: Uint8Array[] = [];
  for (let at = address, length = 0; length <= stringBytesMax; ) {
    const part = await kernel.host.readGuest(at, PAGE_SIZE - (at % PAGE_SIZE));
    if (!part) return -Errno.EFAULT;
    const end = part.indexOf(0);
    parts.push(end < 0 ? part : part.subarray(0, end));
    if (end >= 0) return Buffer.concat(parts);
    at += part.length;
    length += part.length;
  }
  return -Errno.E2BIG;
}

/** argv or envp; a null pointer is an empty list, as Linux has it. */
async function readStrings(kernel: Kernel, address: number): Promise<Buffer[] | number> {
  const strings: Buffer[] = [];
  if (address === 0) return strings;
  for (let at = address; strings.length < stringsMax; ) {
    // Whole words up to the page's end; a pointer that crosses it alone.
    const length = Math.max(4, (PAGE_SIZE - (at % PAGE_SIZE)) & ~3);
    const bytes = await kernel.host.readGuest(at, length);
    if (!bytes) return -Errno.EFAULT;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let offset = 0; offset < length; offset += 4) {
      const pointer = view.getUint32(offset, true);
      if (pointer === 0) return strings;
      const string = await readString(kernel, pointer);
      if (typeof string === 'number') return string;
      strings.push(string);
    }
    at += length;
  }
  return -Errno.E2BIG;
}

/** Where a program is on the host, as far as it may be executed; -errno otherwise. @throws the host's error */
function findExecutable(kernel: Kernel, dirfd: number, path: Buffer): Buffer | number {
  const located = kernel.paths.locate(dirfd, path, 'look');
  if (typeof located === 'number') return located;
  const host = located.kind === 'host' ? located.path : located.entry.kind === 'link' ? located.entry.host : null;
  if (!host) return -Errno.EACCES;
  if (!statSync(host).isFile()) return -Errno.EACCES;
  accessSync(host, constants.X_OK);
  return host;
}

/** The first line's interpreter and its one argument, or null when the file is no script; -errno for a bad line. */
function scriptInterpreter(file: Buffer): { path: Buffer; argument: Buffer | null } | null | number {
  const opened = new HostFile(file, file);
  const head = Buffer.from(opened.read(0, scriptLineMax));
  opened.close();
  if (!isLine(head)) return null;
  const newline = head.indexOf(0x0a);
  const line = head.subarray(2, newline < 0 ? head.length : newline).toString('latin1');
  const match = /^[ \t]*([^ \t\0]+)(?:[ \t]+([^\0]*?))?[ \t\0]*$/.exec(line);
  if (!match) return -Errno.ENOEXEC;
  // A line that is cut off within the interpreter's name (or right behind it) names another file.
  if (newline < 0 && head.length === scriptLineMax && match[2] === undefined) return -Errno.ENOEXEC;
  const argument = match[2] ? Buffer.from(match[2], 'latin1') : null;
  return { path: Buffer.from(match[1]!, 'latin1'), argument };
}

function load(kernel: Kernel, dirfd: number, path: Buffer, argv: Buffer[], envp: Buffer[]): LoadedProgram | number {
  let file = findExecutable(kernel, dirfd, path);
  let shown = path;
  let args = argv;
  for (let scripts = 0; ; scripts++) {
    if (typeof file === 'number') return file;
    const script = scriptInterpreter(file);
    if (typeof script === 'number') return script;
    if (script === null) break;
    if (scripts > interpretersMax) return -Errno.ELOOP;
    args = [script.path, ...(script.argument ? [script.argument] : []), shown, ...args.slice(1)];
    shown = script.path;
    file = findExecutable(kernel, AT_FDCWD, script.path);
  }
  const stack = kernel.limits[RLIMIT_STACK]!.current;
  const { sysroot } = kernel.paths;
  try {
    return loadProgram({
      path: shown.toString('latin1'),
      executedAs: path,
      hostPath: file,
      // A program may rely on argv[0] (fs/exec.c gives an empty one since Linux 5.18).
      argv: args.length > 0 ? args : [Buffer.alloc(0)],
      envp,
      processor: kernel.program.processorName,
      ids: kernel.ids,
      stackBytes: stack === RLIM64_INFINITY ? defaultStackBytes : Number(stack),
      ...(sysroot === undefined ? {} : { sysroot }),
    });
  } catch (error) {
    if (error instanceof LoadError) return -error.errno;
    throw error;
  }
}

async function execute(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  dirfd: number,
  path: Buffer,
  argvAddress: number,
  envpAddress: number,
): Promise<number> {
  const argv = await readStrings(kernel, argvAddress);
  if (typeof argv === 'number') return argv;
  const envp = await readStrings(kernel, envpAddress);
  if (typeof envp === 'number') return envp;
  const program = load(kernel, dirfd, path, argv, envp);
  if (typeof program === 'number') return program;
  return kernel.host.exec(thread.tid, program, call.signalMask);
}

export const execve = (kernel: Kernel, thread: ThreadInfo, call: MasterCall): Promise<number> =>
  execute(kernel, thread, call, AT_FDCWD, call.path(0), call.args[1]! >>> 0, call.args[2]! >>> 0);

/** execveat(dirfd, path, argv, envp, flags). */
export async function execveat(kernel: Kernel, thread: ThreadInfo, call: MasterCall): Promise<number> {
  const [dirfd, , argv, envp, flags] = call.args as unknown as [number, number, number, number, number];
  if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) return -Errno.EINVAL;
  let path = call.path(1);
  if (path.length === 0 && flags & AT_EMPTY_PATH) {
    const description = kernel.descriptors.get(dirfd);
    if (!description) return -Errno.EBADF;
    path = Buffer.from(`/proc/self/fd/${dirfd}`);
  }
  return execute(kernel, thread, call, dirfd, path, argv >>> 0, envp >>> 0);
}
