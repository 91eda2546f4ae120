import type { HttpResponse } from '../../shared/http/index.ts';

/**
 * Sends the caller to where the bytes are. The URL opens the object to whoever holds it for some minutes, so nobody may
 * keep it.
 * @param status 307 keeps the method, as MLflow's client needs it; browsers follow 302.
 */
export const redirect = (status: 302 | 307, location: string): HttpResponse => ({
  status,
  headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  body: '',
});
