/**
 * The page of kernel user helpers at 0xffff0000 (Documentation/arch/arm/kernel_user_helpers.rst), written in A32
 * machine code. Encodings are those of the Arm Architecture Reference Manual ARMv7-A, the section stands at each word.
 * Pure A32: the helpers are entered by address, also from Thumb, and return with BX LR.
 */
import { PAGE_SIZE } from '../abi/memory.ts';

export const kernelUserHelpersAddress = 0xffff0000;
/** Where a handler without SA_RESTORER returns to: sigreturn, and 8 bytes on rt_sigreturn. */
export const sigreturnTrampoline = 0xffff0500;
export const rtSigreturnTrampoline = 0xffff0508;

const bxLr = 0xe12fff1e; // BX lr (A8.8.27)
const dmbIsh = 0xf57ff05b; // DMB ISH (A8.8.43)

const helpers: Record<number, readonly number[]> = {
  // sigreturn: number 119 in r7; rt_sigreturn: number 173.
  [sigreturnTrampoline]: [
    0xe3a07077, // MOV r7, #119 (A8.8.102)
    0xef000000, // SVC #0 (A8.8.228)
  ],
  [rtSigreturnTrampoline]: [
    0xe3a070ad, // MOV r7, #173
    0xef000000, // SVC #0
  ],
  // __kuser_cmpxchg64(r0 = *oldval, r1 = *newval, r2 = ptr): r0 = 0 and C set when stored.
  4294905696: [
    0xe92d41f0, // PUSH {r4-r8, lr} (A8.8.133)
    0xe1c040d0, // LDRD r4, r5, [r0] (A8.8.72)
    0xe1c160d0, // LDRD r6, r7, [r1]
    dmbIsh,
    0xe1b20f9f, // 1: LDREXD r0, r1, [r2] (A8.8.77)
    0xe1500004, // CMP r0, r4 (A8.8.38)
    0x01510005, // CMPEQ r1, r5
    0x01a23f96, // STREXDEQ r3, r6, r7, [r2] (A8.8.214)
    0x03330001, // TEQEQ r3, #1 (A8.8.237)
    0x0afffff9, // BEQ 1b (A8.8.18)
    dmbIsh,
    // After a store, and only then, the value loaded equals the old one: both differences are zero.
    0xe0200004, // EOR r0, r0, r4 (A8.8.47)
    0xe0211005, // EOR r1, r1, r5
    0xe1900001, // ORRS r0, r0, r1 (A8.8.123)
    0xe2700000, // RSBS r0, r0, #0: C is set when r0 was zero (A8.8.152)
    0xe8bd81f0, // POP {r4-r8, pc} (A8.8.131)
  ],
  // __kuser_memory_barrier
  4294905760: [dmbIsh, bxLr],
  // __kuser_cmpxchg(r0 = oldval, r1 = newval, r2 = ptr): r0 = 0 and C set when stored.
  4294905792: [
    dmbIsh,
    0xe1923f9f, // 1: LDREX r3, [r2] (A8.8.75)
    0xe0533000, // SUBS r3, r3, r0 (A8.8.223)
    0x01823f91, // STREXEQ r3, r1, [r2] (A8.8.212)
    0x03330001, // TEQEQ r3, #1
    0x0afffffa, // BEQ 1b
    0xe2730000, // RSBS r0, r3, #0
    0xeaffffef, // B __kuser_memory_barrier
  ],
  // __kuser_get_tls: MRC p15, 0, r0, c13, c0, 3 reads TPIDRURO (B4.1.150).
  4294905824: [0xee1d0f70, bxLr],
  // __kuser_helper_version
  4294905852: [5],
};

function assemble(): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE);
  const view = new DataView(page.buffer);
  for (const [address, words] of Object.entries(helpers))
    words.forEach((word, i) => {
      view.setUint32(Number(address) - kernelUserHelpersAddress + i * 4, word, true);
    });
  return page;
}

/** The page's contents, 4,096 bytes. */
export const kernelUserHelpers: Uint8Array = assemble();
