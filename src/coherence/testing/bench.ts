import { assert } from '../../base/assert.ts';
import { CoherenceNode, type CoherenceOptions } from '../coherence-node.ts';
import { describeMessage, type Message } from '../message.ts';
import type { Access, CoherenceSink } from '../sink.ts';

/** Nodes whose messages wait in one list until a test delivers them, and whose effects are written down. */
export class Bench {
  readonly nodes: CoherenceNode[] = [];
  readonly effects: string[] = [];
  readonly wire: { from: number; to: number; message: Message }[] = [];
  /** What `startHandshake` answers. */
  handshakeOver = true;
  /** What `pinContended` answers. */
  pinsHold = true;
  /** What `keep` answers. */
  keeps = false;
  onWake: (node: number, waiter: number, block: number) => void = () => {};

  constructor(nodes: number, options: Partial<CoherenceOptions> = {}) {
    for (let node = 0; node < nodes; node++)
      this.nodes.push(new CoherenceNode({ node, nodes, placement: 'central', ...options }, this.sinkOf(node)));
  }

  sinkOf(node: number): CoherenceSink {
    const note = (text: string) => this.effects.push(`${node} ${text}`);
    return {
      send: (to, message) => this.wire.push({ from: node, to, message: { ...message } }),
      setAccess: (block, _granule, _count, access) => note(`access ${block} ${access}`),
      setMark: (block, marked) => note(`mark ${block} ${marked}`),
      startHandshake: (block) => {
        note(`handshake ${block}`);
        return this.handshakeOver;
      },
      wake: (waiter, block) => {
        note(`wake ${waiter} ${block}`);
        this.onWake(node, waiter, block);
      },
      pin: (block, waiter) => note(`pin ${block} ${waiter}`),
      pinContended: (block) => {
        note(`contended ${block}`);
        return this.pinsHold;
      },
      keep: (block) => {
        if (this.keeps) note(`keep ${block}`);
        return this.keeps;
      },
      zeroFill: (block) => note(`zero ${block}`),
      resetDone: (token) => note(`reset ${token}`),
    };
  }

  /** Delivers until the wire is empty. @returns what was delivered */
  settle(): string[] {
    const lines: string[] = [];
    for (let next = this.wire.shift(); next !== undefined; next = this.wire.shift()) {
      lines.push(`${next.from}>${next.to} ${describeMessage(next.message)}`);
      this.nodes[next.to]!.deliver(next.message);
    }
    return lines;
  }

  /** Obtains a granule for thread 0 of a node and completes the access. */
  use(node: number, block: number, wanted: Access, granule = 0): string[] {
    this.nodes[node]!.miss(block, granule, wanted, 0);
    const lines = this.settle();
    this.nodes[node]!.consumed(block, 0);
    assert(this.nodes[node]!.accessOf(block, granule) >= wanted, 'access was not obtained');
    return lines;
  }

  takeEffects(): string[] {
    return this.effects.splice(0);
  }
}
