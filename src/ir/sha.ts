/** What rounds of SHA-1 and SHA-256 are made of (FIPS 180-4, 4.1), in the order of the manual's operands. */

/** The functions of SHA-1's rounds by name: SHAchoose, SHAparity and SHAmajority. */
export const sha1Functions = ['choose', 'parity', 'majority'] as const;
export type Sha1Function = (typeof sha1Functions)[number];

/** Rotations to the right whose exclusive or SHA-256's sums of a and of e are. */
export const sumRotations = { a: [2, 13, 22], e: [6, 11, 25] } as const;
