/**
 * The access table: one byte for each 64-byte granule of guest memory, at address 0 of the control memory, so that
 * emitted code finds granule g's byte at address g. A byte of 0 allows everything; each bit is a reason to leave the
 * fast path, with one owner each, set and cleared by atomic or/and:
 *   coherence bits   the node agent
 *   protection bits  the node agent, on the master's word (mmap, munmap, mprotect)
 *   code bit         set by whoever decodes from the granule, cleared by the node agent
 *   watch bit        the debugger
 *   marker           the node agent (streams forwarded ahead)
 *   untouched bit    set by the node agent over a fresh mapping, cleared by whoever touches the page first here: pages
 *                    that nobody touched are known to be zero, and cost nothing to map and to drop
 */
export const granuleShift = 6;
export const granuleBytes = 1 << granuleShift;
export const granuleCount = 2 ** (32 - granuleShift);
export const pageShift = 12;
export const pageBytes = 1 << pageShift;
export const pageCount = 2 ** (32 - pageShift);

export const Deny = {
  coherenceWrite: 0x01,
  coherenceRead: 0x02,
  protectionWrite: 0x04,
  protectionRead: 0x08,
  code: 0x10,
  watch: 0x20,
  marker: 0x40,
  untouched: 0x80,
} as const;

/** The bits that stop a read; a write is stopped by any bit. */
export const denyReadMask = Deny.coherenceRead | Deny.protectionRead | Deny.watch | Deny.marker | Deny.untouched;
export const denyWriteMask = 0xff;
/** The same for the 16-bit load that covers a granule and its successor. */
export const denyReadMask16 = denyReadMask | (denyReadMask << 8);
export const denyWriteMask16 = 0xffff;
