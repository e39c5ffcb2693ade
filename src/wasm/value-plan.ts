/**
 * Decides for each value of a function how it reaches its uses: computed in place on the Wasm stack, or kept in a
 * local. One pass backwards over each block.
 *
 * In place go constants; reads of a variable that is not set before the last use is emitted; and values with one use in
 * the same block, as long as nothing that they could see or disturb lies between (a load does not cross another access
 * of memory, a check, a barrier or an end; pure values cross anything).
 */
import { type IrFunction, instructionWords } from '../ir/function.ts';
import { effects, valueArguments } from '../ir/op-facts.ts';
import { opCodes, opRows } from '../ir/ops.table.ts';
import { type Homes, homeKeys } from './homes.ts';

export const Place = { unused: 0, inPlace: 1, inLocal: 2 } as const;

const isConstant = (code: number): boolean => code === opCodes['i32.const'] || code === opCodes['i64.const'];
const hasResult = Uint8Array.from(opRows, (row) => (row.result === 'none' ? 0 : 1));
/** Operations that touch memory or exceptions, or may leave: what a load or an exact operation does not cross. */
const isBarrier = Uint8Array.from(effects, (effect) =>
  ['read', 'write', 'float', 'check', 'order', 'end'].includes(effect) ? 1 : 0,
);
const never = 0x7fff_ffff;

export class ValuePlan {
  /** For each value: a Place. */
  place = new Uint8Array(0);
  /** For each value: uses that have not been emitted yet. */
  uses = new Int32Array(0);
  /** For each value: 1 when a block other than its own uses it. */
  isShared = new Uint8Array(0);
  #block = new Int32Array(0);
  /** For each value: the last instruction, as far as known, at which a use of it is emitted. */
  #lastUse = new Int32Array(0);
  readonly #nextSet = new Int32Array(homeKeys);

  make(ir: IrFunction, blocks: Int32Array, homes: Homes): void {
    this.#resize(ir.count);
    this.#countUses(ir, blocks);
    for (const block of blocks) this.#placeBlock(ir, block, homes);
  }

  #resize(count: number): void {
    if (this.place.length < count) {
      this.place = new Uint8Array(count * 2);
      this.uses = new Int32Array(count * 2);
      this.isShared = new Uint8Array(count * 2);
      this.#block = new Int32Array(count * 2);
      this.#lastUse = new Int32Array(count * 2);
      return;
    }
    this.uses.fill(0, 0, count);
    this.isShared.fill(0, 0, count);
    this.#lastUse.fill(0, 0, count);
  }

  #countUses(ir: IrFunction, blocks: Int32Array): void {
    const { words } = ir;
    for (const block of blocks) this.#block.fill(block, ir.blockStart[block], ir.blockEnd[block]);
    for (const block of blocks)
      for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
        const word = at * instructionWords;
        const mask = valueArguments[words[word]];
        for (let i = 0; i < 3; i++) {
          if ((mask & (1 << i)) === 0) continue;
          const value = words[word + 1 + i];
          this.uses[value]++;
          if (this.#block[value] !== block) this.isShared[value] = 1;
        }
      }
  }

  #placeBlock(ir: IrFunction, block: number, homes: Homes): void {
    const { words } = ir;
    const { uses, isShared, place } = this;
    const nextSet = this.#nextSet.fill(never);
    const lastUse = this.#lastUse;
    let nextBarrier = never;
    for (let at = ir.blockEnd[block] - 1; at >= ir.blockStart[block]; at--) {
      const word = at * instructionWords;
      const code = words[word];
      if (hasResult[code] === 1) {
        const isSingle = uses[at] === 1 && isShared[at] === 0;
        let inPlace: boolean;
        switch (effects[code]) {
          case 'pure':
            inPlace = isSingle || isConstant(code);
            break;
          case 'get':
            inPlace = isShared[at] === 0 && lastUse[at] <= nextSet[homes.key[words[word + 1]]];
            break;
          default:
            inPlace = isSingle && lastUse[at] <= nextBarrier;
        }
        place[at] = uses[at] === 0 ? Place.unused : inPlace ? Place.inPlace : Place.inLocal;
      } else if (effects[code] === 'set') nextSet[homes.key[words[word + 1]]] = at;
      if (isBarrier[code] === 1) nextBarrier = at;

      const emitted = hasResult[code] === 1 && place[at] === Place.inPlace ? lastUse[at] : at;
      const mask = valueArguments[code];
      for (let i = 0; i < 3; i++) {
        if ((mask & (1 << i)) === 0) continue;
        const value = words[word + 1 + i];
        if (lastUse[value] < emitted) lastUse[value] = emitted;
      }
    }
  }
}
