/** Where a page is read: from the platform API, which has others to link to, or as a file, which has only itself and what was saved beside it. */
export type PagePlace = 'api' | 'files';

/** Where pages for people are, below `/models/{model}/` of the platform API. */

export const rolloutReportPath = (rolloutId: string): string => `rollouts/${encodeURIComponent(rolloutId)}/report`;

export const cardPath = (version: number): string => `versions/${version}/card?format=html`;

export const TIMELINE_PATH = 'rollouts/report';
