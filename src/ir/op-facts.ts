/** What passes ask of an operation again and again, drawn from the table once and indexed by operation number. */
import { type ArgumentKind, type Effect, opCodes, opNames, opRows, type ValueType } from './ops.table.ts';

const argumentMask = (wanted: (kind: ArgumentKind) => boolean): Uint8Array =>
  Uint8Array.from(opRows, (row) => row.args.reduce((mask, kind, i) => (wanted(kind) ? mask | (1 << i) : mask), 0));

/** Bit i is set where argument i is a value. */
export const valueArguments = argumentMask((kind) => kind !== 'imm' && kind !== 'var' && kind !== 'block');
/** Bit i is set where argument i is a block. */
export const blockArguments = argumentMask((kind) => kind === 'block');
export const effects: readonly Effect[] = opRows.map((row) => row.effect);
export const isPure = Uint8Array.from(effects, (effect) => (effect === 'pure' ? 1 : 0));
export const isGet = Uint8Array.from(effects, (effect) => (effect === 'get' ? 1 : 0));
export const isSet = Uint8Array.from(effects, (effect) => (effect === 'set' ? 1 : 0));
/** 1 where the guest can tell that it was done: no check of the same guest instruction may come after it. */
export const changesState = Uint8Array.from(effects, (effect) =>
  effect === 'set' || effect === 'write' || effect === 'float' ? 1 : 0,
);

export const isCall = (code: number): boolean => code === opCodes.call || code === opCodes['call.indirect'];

/** An operation after which no check before it counts any more: the thread may have waited there. */
export const forgetsChecks = (code: number): boolean => code === opCodes.poll || isCall(code);

const typeBytes: Record<ValueType, number> = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };

/** Bytes of guest memory that a load, store, exclusive access or swap touches; 0 for other operations. */
export const accessBytes = Uint8Array.from(opNames, (name) => {
  const [kind, size] = name.split('.') as [string, string | undefined];
  if (!['load', 'store', 'ldrex', 'strex', 'swap'].includes(kind) || size === undefined) return 0;
  return size in typeBytes ? typeBytes[size as ValueType] : Number.parseInt(size, 10) / 8;
});
/** 1 where the access needs a check for writing. */
export const accessWrites = Uint8Array.from(opRows, (row, code) =>
  accessBytes[code] !== 0 && row.effect === 'write' ? 1 : 0,
);
/** 1 where the access has an offset as its second argument. */
export const accessHasOffset = Uint8Array.from(opRows, (row, code) =>
  accessBytes[code] !== 0 && row.args[1] === 'imm' ? 1 : 0,
);
