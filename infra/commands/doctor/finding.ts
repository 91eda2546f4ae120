/** What one check of the doctor found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string;
  /** `unknown`: it could not be looked at, here or now; nothing is said about it. */
  readonly status: 'ok' | 'warn' | 'fail' | 'unknown';
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, status: 'ok', detail });
export const warn = (check: string, detail: string, fix: string): Finding => ({ check, status: 'warn', detail, fix });
export const fail = (check: string, detail: string, fix: string): Finding => ({ check, status: 'fail', detail, fix });
export const unknown = (check: string, detail: string): Finding => ({ check, status: 'unknown', detail });
