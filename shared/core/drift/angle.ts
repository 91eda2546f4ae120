/**
 * The arcsine of a share's root, 2·asin√p, which varies by about 1/√n whatever p: Anscombe's form (1948), so that rare
 * kinds vary no more. @param count of `rows`.
 */
export const angleOf = (count: number, rows: number): number =>
  2 * Math.asin(Math.sqrt((count + 0.375) / (rows + 0.75)));

/** What an angle that is usual on days of `usualRows` is on a day of `rows`: rare kinds come nearer to 0 on large days. */
export const angleAt = (angle: number, usualRows: number, rows: number): number => {
  const count = Math.sin(angle / 2) ** 2 * (usualRows + 0.75) - 0.375;
  return angleOf(Math.min(rows, Math.max(0, (count * rows) / usualRows)), rows);
};
