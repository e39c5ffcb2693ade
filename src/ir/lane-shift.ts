/**
 * The immediate of v128.shift: what VSHL, VRSHL, VQSHL and VQRSHL by a register (and VQSHLU) do with each lane.
 *
 *   bits 1:0  log2 of the lane's bytes
 *   bit 2     lanes are unsigned
 *   bit 3     rounded: half of the last place is added before a shift to the right
 *   bit 4     saturated to the range that bit 5 tells, else truncated
 *   bit 5     saturates to unsigned numbers
 *
 * A count is the lane's lowest byte, signed: to the left when positive, to the right when negative, by -128 to 127.
 */
export interface LaneShift {
  readonly laneBits: 8 | 16 | 32 | 64;
  readonly isUnsigned: boolean;
  readonly isRounded?: boolean;
  readonly isSaturated?: boolean;
  /** Signed lanes that saturate to unsigned numbers: VQSHLU. */
  readonly toUnsigned?: boolean;
}

export function packLaneShift(shift: LaneShift): number {
  const size = { 8: 0, 16: 1, 32: 2, 64: 3 }[shift.laneBits];
  const bit = (set: boolean | undefined, position: number): number => (set ? 1 << position : 0);
  return (
    size |
    bit(shift.isUnsigned, 2) |
    bit(shift.isRounded, 3) |
    bit(shift.isSaturated, 4) |
    bit(shift.isUnsigned || shift.toUnsigned, 5)
  );
}

export function unpackLaneShift(packed: number): Required<LaneShift> {
  return {
    laneBits: ([8, 16, 32, 64] as const)[packed & 3] as LaneShift['laneBits'],
    isUnsigned: (packed & 4) !== 0,
    isRounded: (packed & 8) !== 0,
    isSaturated: (packed & 16) !== 0,
    toUnsigned: (packed & 32) !== 0,
  };
}
