import { escapeHtml, renderText } from '../reports/index.ts';

/** What a page shows of a part of a model, or why there is nothing to show. */
export type Told<T> = Known<T> | Missing;

interface Known<T> {
  readonly known: T;
  readonly missing?: undefined;
}

interface Missing {
  readonly known?: undefined;
  /** What is missing and why, as a sentence. */
  readonly missing: string;
}

export const known = <T>(value: T): Known<T> => ({ known: value });

export const missing = (why: string): Missing => ({ missing: why });

/** @returns what is told, or that it is missing and why. */
export const orMissing = <T>(value: T | undefined, why: string): Told<T> =>
  value === undefined ? missing(why) : known(value);

/** A part of a page that links can point to. Where there is nothing to show, a sentence takes its place. */
export const toldSection = <T>(
  { id, title }: { readonly id: string; readonly title: string },
  told: Told<T>,
  render: (value: T) => string,
): string =>
  `<section id="${escapeHtml(id)}">\n<h2>${escapeHtml(title)}</h2>\n${told.missing === undefined ? render(told.known) : renderText(told.missing)}\n</section>`;
