/**
 * Which events meet which states of the protocol: at a home, of an entry; at a holder, of a line with the request that it
 * waits for. coverage.table.ts says which of these pairs are possible.
 */
import { type Entry, nobody } from '../entry.ts';
import type { BlockLines } from '../line.ts';
import { type Message, MessageFlag, MessageType } from '../message.ts';
import { Access } from '../sink.ts';

export const entryStates = ['none', 'owned', 'shared', 'serving', 'pushing', 'resetting'] as const;
export type EntryState = (typeof entryStates)[number];

const entryEvents = [
  'GetS',
  'GetM',
  'Done',
  'DiscardAck',
  'Progress',
  'Stream',
  'reset',
  'push',
  'split',
  'merge',
] as const;
export type EntryEvent = (typeof entryEvents)[number];

const accessStates = ['away', 'invalid', 'shared', 'modified'] as const;
/** Of the request for the line: sent; or answered, with InvAcks to come. */
const missStates = ['', ' asking', ' granted'] as const;
/** Of the home's demand. */
const demandStates = ['', ' deferred', ' kept', ' handshake'] as const;
type Of<List extends readonly string[]> = List[number];
export type LineState = `${Of<typeof accessStates>}${Of<typeof missStates>}${Of<typeof demandStates>}`;

const lineEvents = [
  'read',
  'write',
  'hold',
  'consumed',
  'pinExpired',
  'residencyOver',
  'handshakeDone',
  'FwdGetS',
  'FwdGetM',
  'FwdGetS pushed',
  'FwdGetM pushed',
  'Inv',
  'Discard',
  'Data',
  'Data pushed',
  'Grant',
  'Grant pushed',
  'InvAck',
  'Restore',
] as const;
export type LineEvent = (typeof lineEvents)[number];

/** Pairs are written so in reports and tables. */
export const pairOf = (event: string, state: string) => `${event} | ${state}`;

const entryMessages = new Map<MessageType, EntryEvent>([
  [MessageType.GetS, 'GetS'],
  [MessageType.GetM, 'GetM'],
  [MessageType.Done, 'Done'],
  [MessageType.DiscardAck, 'DiscardAck'],
  [MessageType.Progress, 'Progress'],
  [MessageType.Stream, 'Stream'],
]);
const lineMessages = new Map<MessageType, LineEvent>([
  [MessageType.FwdGetS, 'FwdGetS'],
  [MessageType.FwdGetM, 'FwdGetM'],
  [MessageType.Inv, 'Inv'],
  [MessageType.Discard, 'Discard'],
  [MessageType.Data, 'Data'],
  [MessageType.Grant, 'Grant'],
  [MessageType.InvAck, 'InvAck'],
  [MessageType.Restore, 'Restore'],
]);

/** The event that a message is to the entry of its block, if it is for the directory. */
export const entryEventOf = ({ type }: Message): EntryEvent | undefined => entryMessages.get(type);

/** The event that a message is to a line. */
export function lineEventOf({ type, flags }: Message): LineEvent {
  const event = lineMessages.get(type)!;
  if ((flags & MessageFlag.Pushed) === 0) return event;
  return event === 'FwdGetS' || event === 'FwdGetM' || event === 'Data' || event === 'Grant'
    ? `${event} pushed`
    : event;
}

/** A state as a number: its place in `entryStates`. */
function entryStateOf(entry: Entry | undefined): number {
  if (entry === undefined) return 0;
  if (!entry.busy) return entry.owner === nobody ? 2 : 1;
  if (entry.pushing !== Access.None) return 4;
  return entry.acksLeft > 0 ? 5 : 3;
}

/** Likewise, of access, request and demand together. */
function lineStateOf(held: BlockLines | undefined, granule: number): number {
  if (held === undefined) return 0;
  const line = held.at(granule);
  const miss = held.missFor(line);
  const missState = miss === undefined ? 0 : miss.granted === Access.None ? 1 : 2;
  const { demand } = line;
  const demandState = demand === undefined ? 0 : demand.handshaking ? 3 : demand.kept ? 2 : 1;
  return line.access + 1 + accessStates.length * (missState + missStates.length * demandState);
}

function nameOfLineState(state: number): string {
  const rest = Math.floor(state / accessStates.length);
  const miss = missStates[rest % missStates.length]!;
  return accessStates[state % accessStates.length]! + miss + demandStates[Math.floor(rest / missStates.length)]!;
}

const lineStateCount = accessStates.length * missStates.length * demandStates.length;

export class Coverage {
  /** By event and state, how often. */
  private readonly entries = new Float64Array(entryEvents.length * entryStates.length);
  private readonly lines = new Float64Array(lineEvents.length * lineStateCount);

  noteEntry(event: EntryEvent, entry: Entry | undefined): void {
    this.entries[entryEvents.indexOf(event) * entryStates.length + entryStateOf(entry)]!++;
  }

  noteLine(event: LineEvent, held: BlockLines | undefined, granule: number): void {
    this.lines[lineEvents.indexOf(event) * lineStateCount + lineStateOf(held, granule)]!++;
  }

  /** What has been seen of entries and of lines: how often by pair. */
  pairs(): Map<string, number> {
    const seen = new Map<string, number>();
    for (const [index, times] of this.entries.entries()) {
      const event = entryEvents[Math.floor(index / entryStates.length)]!;
      if (times > 0) seen.set(pairOf(event, entryStates[index % entryStates.length]!), times);
    }
    for (const [index, times] of this.lines.entries()) {
      const event = lineEvents[Math.floor(index / lineStateCount)]!;
      if (times > 0) seen.set(pairOf(event, nameOfLineState(index % lineStateCount)), times);
    }
    return seen;
  }
}
