import type { Row } from './row.ts';
export const t32Rows: readonly Row[] = [];
