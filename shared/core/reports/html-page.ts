import { PAGE_STYLE } from './page-style.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** Nothing is loaded and no script runs, whatever stands in a report. */
export const REPORT_CONTENT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export interface PageLink {
  /** Relative to the page: the API stands below a path of its stage. */
  readonly href: string;
  readonly text: string;
}

/** A script that a page may run: it stands in the page, and the policy names it by its digest. */
export interface PageScript {
  readonly source: string;
  /** SHA-256 of the source in UTF-8, in base64. */
  readonly sha256: string;
}

/** Nothing is loaded, and no script runs but this one. */
export const scriptContentPolicy = ({ sha256 }: PageScript): string =>
  `${REPORT_CONTENT_POLICY}; script-src 'sha256-${sha256}'`;

export interface HtmlPage {
  readonly title: string;
  /** Below the title, as HTML. */
  readonly lead?: string;
  /** Other pages that belong to it. */
  readonly links?: readonly PageLink[];
  /** As HTML; headings begin with h2. */
  readonly sections: readonly string[];
  /** Rules beside those of every page. */
  readonly style?: string;
  readonly script?: PageScript;
}

export const renderLink = ({ href, text }: PageLink): string => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`;

const navigation = (links: readonly PageLink[]): string => {
  if (links.length === 0) return '';
  const items = links.map((link) => `<li>${renderLink(link)}</li>`).join('');
  return `<nav aria-label="Related pages"><ul>${items}</ul></nav>\n`;
};

/** A page for people that needs nothing else: light or dark as its reader has it, and readable on a phone. */
export const htmlPage = ({
  title,
  lead = '',
  links = [],
  sections,
  style = '',
  script,
}: HtmlPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${script === undefined ? REPORT_CONTENT_POLICY : scriptContentPolicy(script)}">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
<header>
${navigation(links)}<h1>${escapeHtml(title)}</h1>
${lead}
</header>
<main>
${sections.join('\n')}
</main>
${script === undefined ? '' : `<script>${script.source}</script>\n`}</body>
</html>
`;
