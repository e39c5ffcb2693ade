import type { Row } from './row.ts';
export const t16Rows: readonly Row[] = [];
