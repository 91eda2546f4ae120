/** The time by which a stage lives: an embedded cloud's virtual one, or this machine's. */
export const serverNow = async (endpoint: string | undefined): Promise<number> => {
  if (endpoint === undefined) return Date.now();
  const { headers } = await fetch(endpoint, { signal: AbortSignal.timeout(10_000) });
  const atMs = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(atMs) ? Date.now() : atMs;
};
