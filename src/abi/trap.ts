/** trap_no and error_code of struct sigcontext, as arch/arm/kernel/traps.c and arch/arm/mm/fault.c (Linux 6.1) set them. */
export const trapNumbers = { undefined: 6, abort: 14 } as const;

/**
 * error_code of an abort is the fault status register in the short-descriptor format (Arm ARM DDI 0406C, B3.13.3), in
 * the domain of user pages (arch/arm/include/asm/domain.h).
 */
const DOMAIN_USER = 1 << 4;
export const FaultStatus = {
  alignment: 0x01,
  pageTranslation: 0x07 | DOMAIN_USER,
  pagePermission: 0x0f | DOMAIN_USER,
  /** DFSR.WnR */
  write: 0x800,
  /** FSR_LNX_PF: a prefetch abort. */
  fetch: 0x8000_0000,
} as const;
