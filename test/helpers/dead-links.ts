/**
 * Links of a page that lead nowhere when it is opened as a file: to nothing in it, to no other file that was saved beside
 * it, and to no address of its own.
 */
export const deadLinks = (html: string, besides: readonly string[] = []): readonly string[] => {
  const ids = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
  const leads = (href: string): boolean => {
    if (href.startsWith('#')) return ids.has(href.slice(1));
    return URL.canParse(href) || besides.includes(decodeURIComponent(href));
  };
  return [...html.matchAll(/\shref="([^"]*)"/g)].flatMap(([, href = '']) => (leads(href) ? [] : [href]));
};
