import type { openRouted } from './route-open.ts';

/** The routed handler, whose modules no other published version evaluates at its cold start. */
export const routeLater = (wiring: Parameters<typeof openRouted>[0]): ReturnType<typeof openRouted> => {
  const opened = import('./route-open.ts').then((module) => module.openRouted(wiring));
  opened.catch(() => undefined);
  return async (event) => (await opened)(event);
};
