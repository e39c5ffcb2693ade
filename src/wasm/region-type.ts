/** The type index, in every module, of a region: (i32 executor record) -> (i32 next guest address, or the sentinel). */
export const regionType = 0;
/** The type index of the blocks that exits branch out of: () -> (i32 info, i32 pc, i32 packed), as `leave` takes them. */
export const exitBlockType = 1;
