/**
 * Records in shared memory, declared once: TypeScript reads `words[(base >>> 2) + Cpu.pc.index32]`, emitted code uses
 * `Cpu.pc.offset` as its immediate. No numeric offset stands anywhere else.
 */
import { assert } from '../base/assert.ts';

export const fieldBytes = { i32: 4, i64: 8, f64: 8, v128: 16 } as const;
export type FieldType = keyof typeof fieldBytes;

/** `[type, count]` declares an array. */
export type FieldShape = FieldType | readonly [FieldType, number];

export interface Field {
  readonly type: FieldType;
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** 32-bit words from the start of the record. */
  readonly index32: number;
  readonly count: number;
}

export type RecordLayout<Shape> = { readonly [Name in keyof Shape]: Field } & { readonly bytes: number };

/**
 * Lays the fields out in the order given, each aligned to its size.
 * @param alignment bytes; the record's size is rounded up to it
 */
export function layout<const Shape extends Record<string, FieldShape>>(
  shape: Shape,
  alignment = 64,
): RecordLayout<Shape> {
  const fields: Record<string, Field> = {};
  let offset = 0;
  for (const [name, declared] of Object.entries(shape)) {
    assert(name !== 'bytes', 'a field may not be named bytes');
    const [type, count] = typeof declared === 'string' ? [declared, 1] : declared;
    const size = fieldBytes[type];
    offset = Math.ceil(offset / size) * size;
    fields[name] = { type, offset, index32: offset >>> 2, count };
    offset += size * count;
  }
  return { ...fields, bytes: Math.ceil(offset / alignment) * alignment } as unknown as RecordLayout<Shape>;
}
