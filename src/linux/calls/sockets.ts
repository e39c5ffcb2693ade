/** Calls on sockets, of which the guest has none yet but those that it was started with. */
import { Errno } from '../../abi/errno.ts';
import { S_IFMT, S_IFSOCK } from '../../abi/file.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import type { Kernel } from '../kernel.ts';

/** Other files are refused as Linux refuses them: programs ask so whether a descriptor is a socket. */
export function onSocket(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description) return -Errno.EBADF;
  const isSocket = (Number(description.status().mode) & S_IFMT) === S_IFSOCK;
  return isSocket ? -Errno.EOPNOTSUPP : -Errno.ENOTSOCK;
}
