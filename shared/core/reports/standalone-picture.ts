import { PAGE_STYLE } from './page-style.ts';

/** A chart's figure as an SVG file: it brings the colours of the page that it was made for, light and dark. */
export const standalonePicture = (figure: string): string => {
  const [svg = ''] = /<svg[\s\S]*<\/svg>/.exec(figure) ?? [];
  return svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `><style>${PAGE_STYLE}</style>`);
};
