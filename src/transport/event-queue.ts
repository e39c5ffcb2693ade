/** Something that happens at a virtual time. */
export interface Event {
  readonly atMs: number;
  /** Breaks ties: events of one instant run in the order in which they were planned. */
  readonly order: number;
  readonly run: () => void;
}

/** Events by time, then order: a binary heap. */
export class EventQueue {
  private readonly events: Event[] = [];

  peek(): Event | undefined {
    return this.events[0];
  }

  push(event: Event): void {
    const events = this.events;
    let at = events.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, events[parent] as Event)) break;
      events[at] = events[parent] as Event;
      at = parent;
    }
    events[at] = event;
  }

  pop(): Event | undefined {
    const events = this.events;
    const first = events[0];
    const last = events.pop();
    if (last === undefined || events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && before(events[child + 1] as Event, events[child] as Event)) child++;
      if (!before(events[child] as Event, last)) break;
      events[at] = events[child] as Event;
      at = child;
    }
    events[at] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
