/**
 * LDREX and STREX as the shell around the protocol makes them: a load-exclusive obtains the block for writing and notes
 * its granule's tag; each store-exclusive that succeeds there and the end of each downgrade's handshake change the tag; a
 * store-exclusive succeeds when the tag is as it was. Of tags only that matters, so a reservation keeps no more.
 *
 * A store from another node may bring back the very value that was there, so nothing but the tag may be relied on.
 * A plain store on the same node is told by the value, which STREX compares (a plain store of the value that was there
 * is not told, as docs/architecture.md says).
 */
import type { GuestThread } from './guest-thread.ts';
import type { World } from './world.ts';

export interface Reservation {
  readonly block: number;
  readonly slot: number;
  /** The granule's tag, and the value as far as this node has changed it, are as they were. */
  intact: boolean;
  /** Somebody else has stored there: the store-exclusive must not succeed. */
  broken: boolean;
}

/** The thread's load-exclusive was made. */
export function reserve(thread: GuestThread): void {
  thread.reservation = { block: thread.block, slot: thread.slot, intact: true, broken: false };
}

/** A thread stores: what comes of the reservations of the others. */
export function noteStore(world: World, storer: GuestThread, exclusive: boolean): void {
  const { threads, geometry, options } = world;
  for (const thread of threads) {
    const { reservation } = thread;
    if (thread === storer || reservation === undefined) continue;
    if (reservation.block !== storer.block || reservation.slot !== storer.slot) continue;
    if (thread.node === storer.node && !exclusive) reservation.intact = false;
    else reservation.broken = true;
  }
  if (!exclusive || options.faults?.storeExclusiveLeavesTag) return;
  changeTags(world, storer.node, geometry.unitOf(storer.block, storer.slot), 1);
}

/** The tags of a node's granules are others from now on. */
export function changeTags({ threads, geometry }: World, node: number, unit: number, count: number): void {
  for (const thread of threads) {
    const { reservation } = thread;
    if (thread.node !== node || reservation === undefined) continue;
    const distance = geometry.unitOf(reservation.block, reservation.slot) - unit;
    if (distance >= 0 && distance < count) reservation.intact = false;
  }
}
