/** Six digits, as calibrations and states are kept. */
export const rounded = (value: number): number => Number(value.toPrecision(6));
