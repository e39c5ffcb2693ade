/** Keys of what is known of the guest's code: an address (bit 0 = Thumb) and the variant that it is translated for. */
import type { CodeVariant } from '../layout/code-variant.ts';

const addresses = 2 ** 32;

/** Keys of plain code are the addresses themselves. */
export function codeKey(pc: number, variant: CodeVariant): number {
  return (pc >>> 0) + variant * addresses;
}
