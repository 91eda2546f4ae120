import type { withRegistration } from './change-model.ts';
import type { withMetrics } from './merge-metrics.ts';

/** What a store of logged models is given to decide by. */
export interface LoggedModelRules {
  readonly withMetrics: typeof withMetrics;
  readonly withRegistration: typeof withRegistration;
}
