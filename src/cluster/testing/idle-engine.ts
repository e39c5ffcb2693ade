/** An engine whose workers are never started: memories, tables and thread records for tests of the agent's side. */
import { Engine } from '../../engine/engine.ts';
import { granuleBytes, granuleCount } from '../../layout/access.ts';
import { initialAccessByte } from '../block-agent.ts';

/** @param nodes 1: pages wait for their first touch; more: every block is away at first */
export function idleEngine(nodes: number): Engine {
  const engine = new Engine({
    executors: 1,
    executorsAtOnce: 1,
    tier: 'interpreter',
    processor: 'max',
    executorEntry: new URL(import.meta.url),
    executorData: undefined,
    names: false,
    flush: () => {},
    onRequest: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
  engine.views.controlBytes.fill(initialAccessByte(nodes), 0, granuleCount + granuleBytes);
  return engine;
}
