/**
 * Layouts of the structures that cross between the guest and the kernel, declared once. Fields take their natural
 * alignment, as the ARM EABI gives them; `packed4` caps it at 4 where a header says so.
 */

/** A scalar, `['u8', n]` for an opaque run of bytes, or [scalar, n] for an array. */
export type FieldType = Scalar | readonly [Scalar, number];
export type Scalar = 'u8' | 'u16' | 's16' | 'u32' | 's32' | 'u64' | 's64';

type ScalarValue<T> = T extends 'u64' | 's64' ? bigint : number;
type ReadValue<T> = T extends readonly ['u8', number]
  ? Uint8Array
  : T extends readonly [infer S, number]
    ? ScalarValue<S>[]
    : ScalarValue<T>;
type WriteScalar<T> = T extends 'u64' | 's64' ? bigint | number : number;
type WriteValue<T> = T extends readonly ['u8', number]
  ? Uint8Array
  : T extends readonly [infer S, number]
    ? readonly WriteScalar<S>[]
    : WriteScalar<T>;

export type StructValues<F extends Record<string, FieldType>> = { [K in keyof F]: ReadValue<F[K]> };
export type StructInit<F extends Record<string, FieldType>> = { [K in keyof F]?: WriteValue<F[K]> };

export interface Struct<F extends Record<string, FieldType>> {
  readonly size: number;
  readonly alignment: number;
  readonly offsets: { readonly [K in keyof F]: number };
  /** All fields; little-endian. `bytes` must hold `size` bytes from `at`. */
  read(bytes: Uint8Array, at?: number): StructValues<F>;
  /** A fresh structure: absent fields and padding are zero. Values are truncated to their field. */
  encode(values: StructInit<F>): Uint8Array;
  /** Writes the given fields in place, leaving the others. */
  write(bytes: Uint8Array, values: StructInit<F>, at?: number): void;
}

const sizes: Record<Scalar, number> = { u8: 1, u16: 2, s16: 2, u32: 4, s32: 4, u64: 8, s64: 8 };

function readScalar(view: DataView, at: number, type: Scalar): number | bigint {
  switch (type) {
    case 'u8':
      return view.getUint8(at);
    case 'u16':
      return view.getUint16(at, true);
    case 's16':
      return view.getInt16(at, true);
    case 'u32':
      return view.getUint32(at, true);
    case 's32':
      return view.getInt32(at, true);
    case 'u64':
      return view.getBigUint64(at, true);
    case 's64':
      return view.getBigInt64(at, true);
  }
}

function writeScalar(view: DataView, at: number, type: Scalar, value: number | bigint): void {
  switch (type) {
    case 'u8':
      view.setUint8(at, Number(value));
      break;
    case 'u16':
    case 's16':
      view.setUint16(at, Number(value), true);
      break;
    case 'u32':
    case 's32':
      view.setUint32(at, Number(value), true);
      break;
    case 'u64':
    case 's64':
      view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)), true);
      break;
  }
}

/** Declares a structure from its fields in order. */
export function struct<const F extends Record<string, FieldType>>(fields: F, packed4 = false): Struct<F> {
  const entries = Object.entries(fields).map(([name, type]) => {
    const [scalar, count] = typeof type === 'string' ? ([type, undefined] as const) : type;
    return { name, scalar, count, at: 0 };
  });
  let size = 0;
  let alignment = 1;
  for (const entry of entries) {
    const unit = Math.min(sizes[entry.scalar], packed4 ? 4 : 8);
    alignment = Math.max(alignment, unit);
    size = Math.ceil(size / unit) * unit;
    entry.at = size;
    size += sizes[entry.scalar] * (entry.count ?? 1);
  }
  size = Math.ceil(size / alignment) * alignment;
  const offsets = Object.fromEntries(entries.map(({ name, at }) => [name, at])) as { [K in keyof F]: number };

  const write = (bytes: Uint8Array, values: StructInit<F>, at = 0): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
    for (const { name, scalar, count, at: offset } of entries) {
      const value = values[name as keyof F] as number | bigint | Uint8Array | readonly (number | bigint)[] | undefined;
      if (value === undefined) continue;
      if (count === undefined) writeScalar(view, offset, scalar, value as number | bigint);
      else {
        const items = value as ArrayLike<number | bigint>;
        const step = sizes[scalar];
        for (let i = 0; i < Math.min(count, items.length); i++)
          writeScalar(view, offset + i * step, scalar, items[i] as number | bigint);
      }
    }
  };
  return {
    size,
    alignment,
    offsets,
    write,
    encode(values) {
      const bytes = new Uint8Array(size);
      write(bytes, values);
      return bytes;
    },
    read(bytes, at = 0) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
      const values = entries.map(({ name, scalar, count, at: offset }) => {
        if (count === undefined) return [name, readScalar(view, offset, scalar)];
        if (scalar === 'u8') return [name, bytes.slice(at + offset, at + offset + count)];
        return [name, Array.from({ length: count }, (_, i) => readScalar(view, offset + i * sizes[scalar], scalar))];
      });
      return Object.fromEntries(values) as StructValues<F>;
    },
  };
}
