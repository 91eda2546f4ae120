import { PAGE_STYLE } from './page-style.ts';

/** The first figure of a page's part as an SVG file: it brings the colours of the page that it was made for, light and dark. */
export const standalonePicture = (html: string): string => {
  const [, svg = ''] = /<figure>(<svg[\s\S]*?<\/svg>)<\/figure>/.exec(html) ?? [];
  return svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `><style>${PAGE_STYLE}</style>`);
};
