/** BFloat16 in scalar registers (DDI 0487, F6.1). */
import { operation } from './row.ts';
import { type F32, readFloat } from './vfp-float.ts';
import type { FloatHalf } from './vfp-formats.ts';
import { writeHalf } from './vfp-precision.ts';

/** VCVTB and VCVTT to BFloat16. */
export const vcvtSingleToBfloat = operation<FloatHalf>((l, { d, m, top }) => {
  writeHalf(l, d, top, l.builder.emit('bf16.exact_from_f32', readFloat(l, false, m) as F32));
});
