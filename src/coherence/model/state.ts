/** The whole state of a world as small numbers, and back. */
import { hasData, type Message, type MessageType } from '../message.ts';
import { NumberReader } from '../port.ts';
import type { Access } from '../sink.ts';
import { type GuestThread, Phase } from './guest-thread.ts';
import type { InFlight, World } from './world.ts';

/** The version of bytes that are older than the last store, in a state read back from its canonical form. */
const staleVersion = -1;

/**
 * Appends the state. Versions are reduced to what matters: whether bytes are current, and whether the current value is
 * zero; so runs of any length stay within finitely many states.
 */
export function saveWorld(world: World, out: number[]): void {
  const { nodes, blocks } = world.options;
  for (const row of world.latest) for (const version of row) out.push(version === 0 ? 0 : 1);
  for (let node = 0; node < nodes; node++) {
    world.nodes[node]!.save(out);
    out.push(...world.access[node]!);
    for (let block = 0; block < blocks; block++) saveBytes(world, block, world.memory[node]![block]!, 0, out);
    out.push(world.handshakes[node]!);
  }
  for (const stream of world.streams) {
    out.push(stream.length);
    for (const each of stream) saveMessage(world, each, out);
  }
  for (const thread of world.threads) saveThread(thread, out);
  out.push(world.resetsLeft);
}

function saveBytes(world: World, block: number, bytes: readonly number[], first: number, out: number[]): void {
  const latest = world.latest[block]!;
  for (let index = 0; index < bytes.length; index++) out.push(bytes[index] === latest[first + index] ? 1 : 0);
}

function saveMessage(world: World, { message, bytes }: InFlight, out: number[]): void {
  out.push(message.type, message.block, message.granule, message.level, message.requester);
  out.push(message.acks, message.flags);
  if (hasData(message)) saveBytes(world, message.block, bytes, world.geometry.slotsIn(message)[0], out);
}

function saveThread(thread: GuestThread, out: number[]): void {
  const busy = thread.phase !== Phase.Out && thread.phase !== Phase.Inside;
  out.push(thread.phase, busy ? thread.wanted : 0, busy ? thread.block : 0, busy ? thread.slot : 0);
  out.push(...thread.allowed, thread.raised, thread.pinned);
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
    world.handshakes[node] = input.next();
  }
  for (const stream of world.streams) {
    stream.length = 0;
    for (let length = input.next(); length > 0; length--) stream.push(loadMessage(world, input));
  }
  for (const thread of world.threads) loadThread(thread, input);
  world.resetsLeft = input.next();
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

function loadThread(thread: GuestThread, input: NumberReader): void {
  thread.phase = input.next() as Phase;
  thread.wanted = input.next() as Access;
  thread.block = input.next();
  thread.slot = input.next();
  for (let unit = 0; unit < thread.allowed.length; unit++) thread.allowed[unit] = input.next() as Access;
  thread.raised = input.next();
  thread.pinned = input.next();
}
