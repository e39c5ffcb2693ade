/** Branded numbers: distinct to the type checker, plain numbers at run time. */
declare const brand: unique symbol;
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A 32-bit guest virtual address, unsigned (0 to 2^32 - 1). */
export type GuestAddress = Brand<number, 'GuestAddress'>;
/** A node's number in its cluster; the master is 0. */
export type NodeId = Brand<number, 'NodeId'>;
/** A coherence block's number: guest address divided by the block size (4 KiB by default). */
export type BlockIndex = Brand<number, 'BlockIndex'>;
/** The index of a guest thread's record on its node. */
export type ThreadSlot = Brand<number, 'ThreadSlot'>;

export const guestAddress = (value: number): GuestAddress => (value >>> 0) as GuestAddress;
