/** Where control goes after a guest instruction. Targets carry bit 0 = Thumb. */
export type Flow =
  | { readonly kind: 'next'; readonly conditional: boolean }
  | { readonly kind: 'jump'; readonly target: number; readonly conditional: boolean }
  | { readonly kind: 'call'; readonly target: number; readonly conditional: boolean }
  /** `call-indirect`: BLX register. `return`: probably a return. `indirect`: any other write to the pc. `stop`: SVC, UDF, ... */
  | { readonly kind: 'call-indirect' | 'indirect' | 'return' | 'stop'; readonly conditional: boolean };

/** What a flow depends on besides the operands. */
export interface FlowContext {
  readonly address: number;
  readonly thumb: boolean;
  readonly bytes: number;
}

export const flowNext: Flow = { kind: 'next', conditional: false };
export const flowIndirect: Flow = { kind: 'indirect', conditional: false };
export const flowReturn: Flow = { kind: 'return', conditional: false };
export const flowStop: Flow = { kind: 'stop', conditional: false };
export const flowCallIndirect: Flow = { kind: 'call-indirect', conditional: false };

/** The value that the pc reads as: 8 bytes on in A32 state, 4 in Thumb state (A2.3). */
export const pcValue = (at: FlowContext): number => (at.address + (at.thumb ? 4 : 8)) >>> 0;
