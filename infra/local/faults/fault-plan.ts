import type { CallFault, DeliveryFault, JobFault } from '../contracts.ts';

/**
 * What goes wrong in one run, and where: a finite list, so that a failing plan can be made smaller fault by fault. A
 * fault strikes at the `visit`-th time (from 1) that the run comes to its site; `site-keys.ts` says how sites are named.
 */
export type PlannedFault = PlannedCallFault | PlannedDeliveryFault | PlannedJobFault | PlannedStaleRead | PlannedSkew;

interface PlannedCallFault {
  readonly kind: 'call';
  readonly site: string;
  readonly visit: number;
  /** Tries of the SDK that fail one after the other: its own retries end at three. */
  readonly times: number;
  readonly fault: CallFault;
}

interface PlannedDeliveryFault {
  readonly kind: 'delivery';
  readonly site: string;
  readonly visit: number;
  readonly fault: DeliveryFault;
}

interface PlannedJobFault {
  readonly kind: 'job';
  readonly site: string;
  readonly visit: number;
  readonly fault: JobFault;
}

interface PlannedStaleRead {
  readonly kind: 'read';
  readonly site: string;
  readonly visit: number;
  /** Age of what an eventually consistent read shows. */
  readonly staleMs: number;
}

/** Every environment of the function has a clock that is off by so much. */
interface PlannedSkew {
  readonly kind: 'clock';
  readonly site: string;
  readonly skewMs: number;
}

/** The word under which a fault is counted: `throttle`, `duplicate`, `spot-interruption`, `stale-read`, `clock-skew`. */
export const faultWord = (planned: PlannedFault): string => {
  if (planned.kind === 'read') return 'stale-read';
  if (planned.kind === 'clock') return 'clock-skew';
  return planned.kind === 'job' && planned.fault.kind === 'kill' ? 'job-kill' : planned.fault.kind;
};

/** One fault as a person reads it: `lost-answer at shift-traffic lambda:UpdateAlias #1, visit 2`. */
export const describeFault = (planned: PlannedFault): string => {
  const word = faultWord(planned);
  if (planned.kind === 'clock') return `${word} of ${planned.skewMs} ms in ${planned.site}`;
  const times = planned.kind === 'call' && planned.times > 1 ? ` ${planned.times} times` : '';
  return `${word}${times} at ${planned.site}, visit ${planned.visit}`;
};
