/**
 * Finds streams in the misses that come to a home, and says what to push ahead of them.
 *
 * Each thread of each node has a short history of the blocks that it missed. Three of them at equal distances, with
 * whatever else in between, are a stream: forward, backward or strided, several at a time. A stream is pushed in windows,
 * the first block of each window marked: when the thread comes to the mark the next window leaves, twice as large. What
 * was pushed in vain halves the window with which the thread's next stream begins. A stream that writes is pushed for
 * writing. A stream that leaves the blocks of this home is handed to the home where it goes on; blocks that the thread's
 * node has anyway are passed over, because it will not tell that it came to them.
 *
 * Blocks that nobody has used follow only once the thread has come to blocks of this home: a stream through used ones
 * ends where the data does, while one through fresh memory would go on through all that there is.
 */
import { Access } from './sink.ts';

/** Misses of a thread that are remembered. */
const historyLength = 8;
/** Streams of a thread at the same time. */
const streamsMax = 4;
/** The largest distance, in blocks, between the blocks of a stream. */
const strideMax = 64;
const windowMin = 2;
const windowStart = 8;
/** Threads of which streams are remembered; the one that was quiet for longest is forgotten. */
const threadsMax = 1024;

/** What carries out the decisions. */
export interface StreamTarget {
  /** Pushes a block of this home; false when it does not go. */
  push(
    block: number,
    to: number,
    thread: number,
    wanted: typeof Access.Read | typeof Access.Write,
    marked: boolean,
  ): boolean;
  /** The block's home is this node. */
  isHere(block: number): boolean;
  /** The node has the block without asking: it is this home, and no other node has used the block. */
  isOwn(block: number, to: number): boolean;
  /** Nobody has used the block. */
  isFresh(block: number): boolean;
  /** The stream goes on at `block`, at another home. */
  handOver(block: number, to: number, thread: number, stride: number, window: number, writes: boolean): void;
}

class Stream {
  readonly stride: number;
  /** The block with which the next window begins. */
  next: number;
  window: number;
  writes: boolean;
  /** The first block of the last window that was pushed, which its thread has not come to yet; -1 when it has. */
  mark = -1;

  constructor(stride: number, next: number, window: number, writes: boolean) {
    this.stride = stride;
    this.next = next;
    this.window = window;
    this.writes = writes;
  }

  /** `block` is one of the last blocks that were pushed, or the next one. */
  covers(block: number): boolean {
    const steps = (this.next - block) / this.stride;
    return Number.isInteger(steps) && steps >= 0 && steps <= 2 * this.window + 1;
  }
}

class Thread {
  readonly history: number[] = [];
  readonly streams: Stream[] = [];
  /** The window with which its next stream begins. */
  window = windowStart;
}

export class Streams {
  private readonly target: StreamTarget;
  /** Blocks of a window at the most. */
  private readonly windowMax: number;
  /** The blocks that there are are those below this one. */
  private readonly blocks: number;
  /** By node and thread; in the order of their last use. */
  private readonly threads = new Map<number, Thread>();

  constructor(target: StreamTarget, windowMax: number, blocks: number) {
    this.target = target;
    this.windowMax = windowMax;
    this.blocks = blocks;
  }

  /** A thread of a node has asked for a block of this home. */
  missed(node: number, thread: number, block: number, wanted: Access): void {
    const known = this.threadOf(node, thread);
    const { history, streams } = known;
    const stream = streams.find((candidate) => candidate.covers(block));
    if (stream !== undefined) {
      if (wanted === Access.Write) stream.writes = true;
      // It asks for what was to come next, or for what did not go: the push is late, or was refused.
      if (block === stream.next) stream.next += stream.stride;
      if (stream.mark === -1 || block === stream.mark) this.advance(known, stream, node, thread);
      return;
    }
    if (history.at(-1) === block) return;
    const stride = strideTo(history, block);
    history.push(block);
    if (history.length > historyLength) history.shift();
    if (stride === 0) return;
    this.begin(known, new Stream(stride, block + stride, known.window, wanted === Access.Write), node, thread);
  }

  /** The thread has come to a marked block. */
  reached(node: number, thread: number, block: number): void {
    const known = this.threadOf(node, thread);
    const stream = known.streams.find((candidate) => candidate.mark === block);
    if (stream !== undefined) this.advance(known, stream, node, thread);
  }

  /** A stream comes from another home. */
  taken(node: number, thread: number, block: number, stride: number, window: number, writes: boolean): void {
    if (stride === 0 || Math.abs(stride) > strideMax) return;
    const size = Math.min(Math.max(window, windowMin), this.windowMax);
    this.begin(this.threadOf(node, thread), new Stream(stride, block, size, writes), node, thread, false);
  }

  private begin(known: Thread, stream: Stream, node: number, thread: number, fresh = true): void {
    const { streams } = known;
    if (streams.length >= streamsMax) {
      const oldest = streams.shift()!;
      if (oldest.mark !== -1) known.window = Math.max(windowMin, known.window >>> 1);
    }
    streams.push(stream);
    this.pushWindow(known, stream, node, thread, fresh);
  }

  /** What was pushed is being used: more of it. */
  private advance(known: Thread, stream: Stream, node: number, thread: number): void {
    stream.window = Math.min(this.windowMax, stream.window * 2);
    known.window = Math.max(known.window, windowStart);
    this.pushWindow(known, stream, node, thread, true);
  }

  /** @param fresh blocks that nobody has used too; else the window ends there */
  private pushWindow(known: Thread, stream: Stream, node: number, thread: number, fresh: boolean): void {
    const { target } = this;
    const { stride, window, writes } = stream;
    stream.mark = -1;
    let own = this.windowMax;
    let refused = false;
    for (let left = window; left > 0; left--) {
      const block = stream.next;
      const exists = block >= 0 && block < this.blocks;
      if (!exists || !target.isHere(block)) {
        known.streams.splice(known.streams.indexOf(stream), 1);
        // What was refused as a whole would be refused there too, and be handed on and on.
        if (exists && (stream.mark !== -1 || !refused)) target.handOver(block, node, thread, stride, window, writes);
        return;
      }
      if (own > 0 && target.isOwn(block, node)) {
        stream.next += stride;
        own--;
        left++;
        continue;
      }
      if (!fresh && target.isFresh(block)) return;
      stream.next += stride;
      const marked = stream.mark === -1;
      if (!target.push(block, node, thread, writes ? Access.Write : Access.Read, marked)) refused = true;
      else if (marked) stream.mark = block;
    }
  }

  private threadOf(node: number, thread: number): Thread {
    const key = node * 65_536 + thread;
    let known = this.threads.get(key);
    if (known === undefined) {
      if (this.threads.size >= threadsMax) this.threads.delete(this.threads.keys().next().value!);
      known = new Thread();
    } else this.threads.delete(key);
    this.threads.set(key, known);
    return known;
  }
}

/** The distance at which two blocks of the history and `block` follow each other, 0 when none do. */
function strideTo(history: readonly number[], block: number): number {
  for (let i = history.length - 1; i >= 0; i--) {
    const stride = block - history[i]!;
    if (stride === 0 || Math.abs(stride) > strideMax) continue;
    if (history.includes(block - 2 * stride)) return stride;
  }
  return 0;
}
