import type { PageElement, PageGlobals } from './page-types.ts';

/**
 * What is wrong with a page for people, as sentences. Each of these runs inside the page, so it has to be whole in itself.
 * Rules as in WCAG 2.2: 1.1.1 (names of pictures), 1.3.1 (headings, tables), 1.4.3 (contrast), 1.4.10 (reflow), 2.1.1
 * (keyboard), 3.1.1 (language).
 */

/** Language, headings, pictures and tables; whether the page fits its window. */
export const inspectPage = (): readonly string[] => {
  const { document, innerWidth } = globalThis as unknown as PageGlobals;
  const { documentElement: root, title: pageTitle } = document;
  const faults: string[] = [];
  const all = (selector: string): readonly PageElement[] => [...document.querySelectorAll(selector)];
  const say = (wrong: boolean, what: string, at?: PageElement): void => {
    if (wrong) faults.push(at === undefined ? what : `${what}: ${at.outerHTML.slice(0, 90)}`);
  };
  say(root.lang === '', 'the page has no language');
  say(pageTitle === '', 'the page has no title');
  say(all('main').length !== 1, 'the page has not one main part');
  say(root.scrollWidth > innerWidth, `the page is ${root.scrollWidth} wide in a window of ${innerWidth}`);

  const levels = all('h1, h2, h3, h4').map(({ tagName }) => Number(tagName.slice(1)));
  say(levels.filter((level) => level === 1).length !== 1, 'the page has not one h1');
  levels.forEach((level, at) => {
    const before = levels[at - 1] ?? 0;
    say(level > before + 1, `a heading of level ${level} follows one of level ${before}`);
  });
  // A picture with links in it is a group: an image has nothing inside that a key could reach.
  for (const picture of all('svg[role=img], svg[role=group]')) {
    say(!picture.querySelector(':scope > title')?.textContent, 'a picture has no name', picture);
    say(!picture.querySelector(':scope > desc')?.textContent, 'a picture has no description', picture);
    say(/NaN|Infinity|undefined/.test(picture.outerHTML), 'a picture has what is no number', picture);
  }
  for (const picture of all('svg:not([role=img], [role=group])')) {
    say(picture.closest('svg[role=img]') === null, 'a picture has no role', picture);
  }
  for (const cell of all('th')) {
    say(cell.getAttribute('scope') === null, 'a heading of a table has no scope', cell);
    say((cell.textContent ?? '').trim() === '', 'a heading of a table is empty', cell);
  }
  for (const table of all('table')) {
    const widths = new Set([...table.querySelectorAll('tr')].map((row) => row.children.length));
    say(widths.size !== 1, 'a table has rows of different widths', table);
  }
  for (const place of all('.wide')) {
    say(place.scrollWidth > place.clientWidth && place.tabIndex !== 0, 'no key scrolls it', place);
    say(!place.getAttribute('aria-label'), 'what scrolls has no name', place);
  }
  return faults;
};

/** Texts whose contrast with their ground is below 4.5. */
export const faintTexts = (): readonly string[] => {
  const { document, getComputedStyle } = globalThis as unknown as PageGlobals;
  const numbers = (color: string): readonly number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = numbers(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element: PageElement): string => {
    for (let at: PageElement | null = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (numbers(backgroundColor)[3] !== 0) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const faint: string[] = [];
  const walker = document.createTreeWalker(document.body, 4);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = (node.textContent ?? '').trim();
    if (element === null || text === '' || element.closest('title, desc') !== null) continue;
    const { color, fill } = getComputedStyle(element);
    const ink = luminance(element.closest('svg') === null ? color : fill);
    const ground = luminance(groundOf(element));
    const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${text.slice(0, 60)}`);
  }
  return faint;
};

/** Texts of pictures that stand outside them, or over one another. */
export const misplacedTexts = (): readonly string[] => {
  const { document } = globalThis as unknown as PageGlobals;
  const faults: string[] = [];
  for (const picture of document.querySelectorAll('svg[role=img], svg[role=group]')) {
    const frame = picture.getBoundingClientRect();
    if (frame.width === 0) faults.push('a picture is not shown');
    const texts = [...picture.querySelectorAll('text')].map((text) => ({
      words: text.textContent ?? '',
      box: text.getBoundingClientRect(),
    }));
    texts.forEach(({ words, box }, at) => {
      const outside = box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
      if (outside) faults.push(`${words} stands outside its picture`);
      const over = texts.slice(at + 1).filter(({ box: other }) => {
        const wide = Math.min(box.right, other.right) - Math.max(box.left, other.left);
        const high = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
        return wide > 2 && high > 5;
      });
      for (const other of over) faults.push(`${words} and ${other.words} stand over one another`);
    });
  }
  return faults;
};
