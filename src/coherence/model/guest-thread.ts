import { Access } from '../sink.ts';
import { Grant } from './pins.ts';
import type { Reservation } from './reservations.ts';

export const Phase = {
  /** Outside guest code, nothing to do. */
  Out: 0,
  /** Outside guest code, about to check. */
  Ready: 1,
  /** Parked, the miss is on its way to the agent. */
  Missing: 2,
  /** Parked, the agent knows. */
  Waiting: 3,
  /** In guest code between two accesses. */
  Inside: 4,
  /** In guest code, checked, the load or store not yet done. */
  Pending: 5,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** What a thread does with the place that it is about. */
export const Intent = { Plain: 0, LoadExclusive: 1, StoreExclusive: 2 } as const;
export type Intent = (typeof Intent)[keyof typeof Intent];

/** A guest thread, or an internal waiter. */
export class GuestThread {
  readonly node: number;
  /** The waiter's number on its node; below zero for an internal one. */
  readonly waiter: number;
  phase: Phase = Phase.Out;
  intent: Intent = Intent.Plain;
  wanted: Access = Access.None;
  block = 0;
  slot = 0;
  /** What each granule's last check allowed, until the poll fires. */
  readonly allowed: Access[];
  /** Bit set of first granules of parts whose handshake waits for this thread. */
  raised = 0;
  /** A change of the memory map waits for this thread. */
  mapRaised = false;
  /** Bit set of blocks of which something is pinned for this thread. */
  pinned = 0;
  /** Of which the agent will learn that they were used: as the thread's executor has rung for, and as was found out. */
  rung = 0;
  found = 0;
  /** Whether a pin lets it make the access that it was woken for. */
  grant: Grant = Grant.None;
  /** It was pinned for this very access, not for an earlier one of which the shell has not heard. */
  isPromised = false;
  /** Since its last load-exclusive, until its next store-exclusive. */
  reservation: Reservation | undefined = undefined;

  constructor(node: number, waiter: number, units: number) {
    this.node = node;
    this.waiter = waiter;
    this.allowed = new Array<Access>(units).fill(Access.None);
  }

  /** It can set out for another load or store. */
  get canStart(): boolean {
    return this.phase === Phase.Out || this.phase === Phase.Inside;
  }

  /** It has been asked to poll. */
  get isRaised(): boolean {
    return this.raised !== 0 || this.mapRaised;
  }

  /** The agent will learn something of its pins. */
  get hasUsed(): boolean {
    return (this.rung | this.found) !== 0;
  }

  /** It is about something: block, slot and access have a meaning. */
  get isBusy(): boolean {
    return !this.canStart;
  }

  /** It is in guest code, where it may use what its checks allowed. */
  get isInside(): boolean {
    return this.phase >= Phase.Inside;
  }

  get name(): string {
    return `${this.waiter < 0 ? 'internal waiter' : `thread ${this.waiter}`} of node ${this.node}`;
  }

  /** Is about a place from now on. */
  setOut(intent: Intent, block: number, slot: number, wanted: Access): void {
    this.intent = intent;
    this.block = block;
    this.slot = slot;
    this.wanted = wanted;
  }

  /** Leaves guest code: its checks and what they were asked to end are over. */
  leave(phase: Phase): void {
    this.phase = phase;
    this.allowed.fill(Access.None);
    this.raised = 0;
    this.mapRaised = false;
  }
}
