/** The whole state of a world as small numbers, and back. */
import { hasData, type Message, type MessageType } from '../message.ts';
import { type Names, ownNames } from '../names.ts';
import { NumberReader } from '../port.ts';
import { Access } from '../sink.ts';
import { type GuestThread, Intent, type Phase } from './guest-thread.ts';
import type { Step } from './map-changes.ts';
import { Grant, isKept } from './pins.ts';
import type { InFlight, World } from './world.ts';

/** The version of bytes that are older than the last store, in a state read back from its canonical form. */
const staleVersion = -1;

/** In what order a state is saved, and by what names, which belong together. All by old numbers. */
export interface Order {
  readonly names: Names;
  readonly nodes: readonly number[];
  readonly blocks: readonly number[];
  readonly threads: readonly number[];
}

/** The order of the world's own numbers. */
export function ownOrder({ options, threads }: World): Order {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
  return { names: ownNames, nodes: upTo(options.nodes), blocks: upTo(options.blocks), threads: upTo(threads.length) };
}

/**
 * Appends the state. Versions are reduced to what matters: whether bytes are current, and whether the current value is
 * zero; so runs of any length stay within finitely many states.
 */
export function saveWorld(world: World, out: number[], order: Order): void {
  const { names, nodes, blocks, threads } = order;
  const { options, maps } = world;
  const { slots } = options;
  const count = nodes.length;
  for (const block of blocks) for (const version of world.latest[block]!) out.push(version === 0 ? 0 : 1);
  for (const node of nodes) {
    world.nodes[node]!.save(out, names);
    saveUnits(world.access[node]!, blocks, out);
    for (const block of blocks) saveBytes(world, block, world.memory[node]![block]!, 0, out);
    saveUnits(world.handshakes[node]!, blocks, out);
    saveUnitBits(world, world.kept[node]!, blocks, out);
    if (options.marks) for (const block of blocks) out.push((world.marked[node]! >>> block) & 1);
  }
  for (const from of nodes) {
    for (const to of nodes) {
      const stream = world.streams[from * count + to]!;
      out.push(stream.length);
      for (const each of stream) saveMessage(world, each, names, out);
    }
  }
  for (const thread of threads) saveThread(world, world.threads[thread]!, order, out);
  out.push(world.resetsLeft);
  if (options.resets || options.maps) for (const block of blocks) saveBits(world.old[block]!, slots, out);
  if (!options.maps) return;
  out.push(maps.mapped ? 1 : 0);
  for (const node of nodes) out.push(maps.mappedOn[node] ? 1 : 0, maps.steps[node]!);
}

/** Bits of a number, one by one: more of them than a byte has. */
function saveBits(bits: number, count: number, out: number[]): void {
  for (let bit = 0; bit < count; bit++) out.push((bits >>> bit) & 1);
}

/** Numbers by unit. */
function saveUnits(byUnit: readonly number[], blocks: readonly number[], out: number[]): void {
  const granules = byUnit.length / blocks.length;
  for (const block of blocks)
    for (let unit = block * granules; unit < (block + 1) * granules; unit++) out.push(byUnit[unit]!);
}

/** A bit set of units, a number for each block. */
function saveUnitBits(world: World, bits: number, blocks: readonly number[], out: number[]): void {
  const { granules } = world.geometry;
  const all = -1 >>> (32 - granules);
  for (const block of blocks) out.push((bits >>> (block * granules)) & all);
}

function saveBytes(world: World, block: number, bytes: readonly number[], first: number, out: number[]): void {
  const latest = world.latest[block]!;
  for (let index = 0; index < bytes.length; index++) out.push(bytes[index] === latest[first + index] ? 1 : 0);
}

function saveMessage(world: World, { message, bytes }: InFlight, names: Names, out: number[]): void {
  out.push(message.type, names.block(message.block), message.granule, message.level, names.node(message.requester));
  out.push(message.acks, message.flags);
  if (hasData(message)) saveBytes(world, message.block, bytes, world.geometry.slotsIn(message)[0], out);
}

function saveThread(world: World, thread: GuestThread, { names, blocks }: Order, out: number[]): void {
  const { phase, intent, wanted, block, slot, allowed, raised, pinned, rung, found, reservation } = thread;
  out.push(phase);
  if (thread.isBusy) out.push(intent, wanted, names.block(block), slot, thread.grant, isKept(thread) ? 1 : 0);
  saveUnits(allowed, blocks, out);
  saveUnitBits(world, raised, blocks, out);
  for (const each of blocks) for (const bits of [pinned, rung, found]) out.push((bits >>> each) & 1);
  if (world.options.maps) out.push(thread.mapRaised ? 1 : 0);
  if (!world.options.exclusives) return;
  out.push(reservation === undefined ? 0 : 1);
  if (reservation === undefined) return;
  out.push(names.block(reservation.block), reservation.slot, reservation.intact ? 1 : 0, reservation.broken ? 1 : 0);
}

/** Becomes a state that `saveWorld` wrote. */
export function loadWorld(world: World, numbers: readonly number[]): void {
  const { nodes, blocks, slots } = world.options;
  const input = new NumberReader(numbers);
  for (const row of world.latest) for (let slot = 0; slot < slots; slot++) row[slot] = input.next();
  for (let node = 0; node < nodes; node++) {
    world.nodes[node]!.load(input);
    const access = world.access[node]!;
    for (let unit = 0; unit < access.length; unit++) access[unit] = input.next() as Access;
    for (let block = 0; block < blocks; block++) loadBytes(world, block, world.memory[node]![block]!, 0, slots, input);
    const handshakes = world.handshakes[node]!;
    for (let unit = 0; unit < handshakes.length; unit++) handshakes[unit] = input.next();
    world.kept[node] = loadUnitBits(world, input);
    if (world.options.marks) world.marked[node] = loadBits(blocks, input);
  }
  for (const stream of world.streams) {
    stream.length = 0;
    for (let length = input.next(); length > 0; length--) stream.push(loadMessage(world, input));
  }
  for (const thread of world.threads) loadThread(world, thread, input);
  world.resetsLeft = input.next();
  const { resets, maps } = world.options;
  if (resets || maps) for (let block = 0; block < blocks; block++) world.old[block] = loadBits(slots, input);
  if (!maps) return;
  world.maps.mapped = input.next() === 1;
  for (let node = 0; node < nodes; node++) {
    world.maps.mappedOn[node] = input.next() === 1;
    world.maps.steps[node] = input.next() as Step;
  }
}

function loadBits(count: number, input: NumberReader): number {
  let bits = 0;
  for (let bit = 0; bit < count; bit++) bits |= input.next() << bit;
  return bits;
}

function loadBytes(world: World, block: number, bytes: number[], first: number, end: number, input: NumberReader) {
  const latest = world.latest[block]!;
  for (let slot = first; slot < end; slot++) bytes[slot - first] = input.next() === 1 ? latest[slot]! : staleVersion;
}

function loadMessage(world: World, input: NumberReader): InFlight {
  const message: Message = {
    type: input.next() as MessageType,
    block: input.next(),
    granule: input.next(),
    level: input.next(),
    requester: input.next(),
    acks: input.next(),
    flags: input.next(),
    stride: 0,
    window: 0,
  };
  const bytes: number[] = [];
  if (hasData(message)) loadBytes(world, message.block, bytes, ...world.geometry.slotsIn(message), input);
  return { message, bytes };
}

function loadUnitBits(world: World, input: NumberReader): number {
  const { granules, units } = world.geometry;
  let bits = 0;
  for (let unit = 0; unit < units; unit += granules) bits |= input.next() << unit;
  return bits;
}

function loadThread(world: World, thread: GuestThread, input: NumberReader): void {
  thread.phase = input.next() as Phase;
  thread.intent = thread.isBusy ? (input.next() as Intent) : Intent.Plain;
  thread.wanted = thread.isBusy ? (input.next() as Access) : Access.None;
  thread.block = thread.isBusy ? input.next() : 0;
  thread.slot = thread.isBusy ? input.next() : 0;
  thread.grant = thread.isBusy ? (input.next() as Grant) : Grant.None;
  thread.isPromised = thread.isBusy && input.next() === 1;
  for (let unit = 0; unit < thread.allowed.length; unit++) thread.allowed[unit] = input.next() as Access;
  thread.raised = loadUnitBits(world, input);
  thread.pinned = 0;
  thread.rung = 0;
  thread.found = 0;
  for (let block = 0; block < world.options.blocks; block++) {
    thread.pinned |= input.next() << block;
    thread.rung |= input.next() << block;
    thread.found |= input.next() << block;
  }
  thread.mapRaised = world.options.maps === true && input.next() === 1;
  thread.reservation = undefined;
  if (!world.options.exclusives || input.next() === 0) return;
  const block = input.next();
  thread.reservation = { block, slot: input.next(), intact: input.next() === 1, broken: input.next() === 1 };
}
