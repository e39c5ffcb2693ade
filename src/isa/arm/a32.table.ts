import type { Row } from './row.ts';
export const a32Rows: readonly Row[] = [];
