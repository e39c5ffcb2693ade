import type { Row } from './row.ts';

const rows: Row[] = [];
export const vfpA32Rows: readonly Row[] = rows.filter((row) => row.set === 'a32');
export const vfpT32Rows: readonly Row[] = rows.filter((row) => row.set === 't32');
