/** The events that can happen in a state. */
import { Access } from '../sink.ts';
import { EventKind, eventOf } from './event.ts';
import { Phase } from './guest-thread.ts';
import { learnt, Step } from './map-changes.ts';
import type { World } from './world.ts';

/** Events that finish what has been started; when none is left the cluster should be at rest. */
export function progressEvents(world: World, out: number[]): void {
  const { threads, streams, maps, handshakes, kept, geometry } = world;
  const { blocks, nodes } = world.options;
  for (let index = 0; index < threads.length; index++) {
    const thread = threads[index]!;
    const { phase, isRaised } = thread;
    if (phase === Phase.Ready) out.push(eventOf(EventKind.Enter, index));
    else if (phase === Phase.Missing && thread.rung === 0) out.push(eventOf(EventKind.Miss, index));
    else if (phase === Phase.Pending) out.push(eventOf(EventKind.Perform, index));
    if (isRaised) out.push(eventOf(EventKind.Poll, index));
    if (!thread.hasUsed) continue;
    for (let block = 0; block < blocks; block++)
      if (((thread.rung | thread.found) & (1 << block)) !== 0) out.push(eventOf(EventKind.Consumed, index, block));
  }
  for (let stream = 0; stream < streams.length; stream++)
    if (streams[stream]!.length > 0) out.push(eventOf(EventKind.Deliver, stream));
  for (let node = 0; node < nodes; node++) {
    if (maps.steps[node] === Step.Told) out.push(eventOf(EventKind.MapLearn, node));
    else if (learnt(world, node)) out.push(eventOf(EventKind.MapLearnt, node));
    if (kept[node] === 0 && !handshakes[node]!.some((count) => count !== 0)) continue;
    for (let block = 0; block < blocks; block++) {
      for (let granule = 0; granule < geometry.granules; granule++) {
        const unit = block * geometry.granules + granule;
        if (world.handshakeOver(node, unit)) out.push(eventOf(EventKind.HandshakeDone, node, block, granule));
        if ((kept[node]! & (1 << unit)) !== 0) out.push(eventOf(EventKind.ResidencyOver, node, block, granule));
      }
    }
  }
}

/** Events that the guest or a timer may bring about at any time: new loads and stores, resets, expired pins. */
export function newEvents(world: World, out: number[]): void {
  const { threads, options } = world;
  for (let index = 0; index < threads.length; index++) {
    const thread = threads[index]!;
    if (thread.phase === Phase.Inside && !thread.isRaised) out.push(eventOf(EventKind.Leave, index));
    if (thread.canStart) startEvents(world, index, out);
    if (options.exclusives?.includes(thread.node) && thread.canStart) exclusiveEvents(world, index, out);
    if (options.holds && thread.phase === Phase.Inside) holdEvents(world, index, out);
  }
  expiryEvents(world, out);
  if (canReset(world)) out.push(eventOf(EventKind.Reset, 0));
  if (canChangeMap(world)) out.push(eventOf(EventKind.MapChange, 0));
  if (options.pushes) pushEvents(world, out);
  if (options.splits) partEvents(world, out);
}

function startEvents(world: World, index: number, out: number[]): void {
  const { blocks, slots, loaders, places } = world.options;
  const { node } = world.threads[index]!;
  const all = Array.from({ length: slots }, (_, slot) => slot);
  for (let block = 0; block < blocks; block++) {
    for (const slot of places?.[node] ?? all) {
      out.push(eventOf(EventKind.Start, index, block, slot, Access.Read));
      if (!loaders?.includes(node)) out.push(eventOf(EventKind.Start, index, block, slot, Access.Write));
    }
  }
}

function exclusiveEvents(world: World, index: number, out: number[]): void {
  const { blocks, slots } = world.options;
  const { reservation } = world.threads[index]!;
  for (let block = 0; block < blocks; block++)
    for (let slot = 0; slot < slots; slot++)
      out.push(eventOf(EventKind.StartLoadExclusive, index, block, slot, Access.Write));
  if (reservation === undefined) return;
  out.push(eventOf(EventKind.StartStoreExclusive, index, reservation.block, reservation.slot, Access.Write));
}

export function holdEvents(world: World, index: number, out: number[]): void {
  const { blocks, slots } = world.options;
  const { allowed } = world.threads[index]!;
  for (let block = 0; block < blocks; block++)
    for (let slot = 0; slot < slots; slot++)
      if (allowed[world.geometry.unitOf(block, slot)] === Access.Write)
        out.push(eventOf(EventKind.Hold, index, block, slot));
}

/** Each part that could be split, and each set of brothers by its first; whether it happens is up to the home. */
function partEvents(world: World, out: number[]): void {
  const { grain } = world.geometry;
  for (let block = 0; block < world.options.blocks; block++) {
    const home = world.homeOf(block);
    for (const { first, level } of world.nodes[home]!.parts(block)) {
      if (level + 1 < grain.length) out.push(eventOf(EventKind.Split, home, block, first));
      if (level > 0 && first % grain[level - 1]! === 0) out.push(eventOf(EventKind.Merge, home, block, first));
    }
  }
}

function pushEvents(world: World, out: number[]): void {
  const { nodes, blocks, loaders } = world.options;
  for (let block = 0; block < blocks; block++) {
    for (let to = 0; to < nodes; to++) {
      out.push(pushEvent(world, block, to, Access.Read));
      if (!loaders?.includes(to)) out.push(pushEvent(world, block, to, Access.Write));
    }
  }
}

/** The home's push of a block to a node. */
export function pushEvent(world: World, block: number, to: number, wanted: Access): number {
  return eventOf(EventKind.Push, world.homeOf(block), block, to, wanted);
}

/** The home's split of what has a granule, or its merge with its brothers. */
export function reshapeEvent(world: World, block: number, granule: number, merge: boolean): number {
  return eventOf(merge ? EventKind.Merge : EventKind.Split, world.homeOf(block), block, granule);
}

/** The pins that may run out, when the options let them. */
export function expiryEvents(world: World, out: number[]): void {
  const { blocks, pinExpiry } = world.options;
  if (!pinExpiry) return;
  for (const { node, pinned } of world.threads)
    for (let block = 0; block < blocks; block++)
      if ((pinned & (1 << block)) !== 0) out.push(eventOf(EventKind.PinExpired, node, block));
}

/** Resets happen, and none is running. */
export function canReset({ options, resetsLeft }: World): boolean {
  return options.resets && resetsLeft === 0;
}

/** The memory map changes, and is not changing. */
export function canChangeMap({ options, maps }: World): boolean {
  return options.maps === true && !maps.changing;
}
