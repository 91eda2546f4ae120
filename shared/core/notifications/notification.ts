import type { Severity } from '../test-suite/index.ts';

/** What people are told of. */
export type NotificationEvent = 'drift' | 'quality' | 'tests' | 'retraining' | 'rollout' | 'approval' | 'alarm';

/** What a stage's alarm topic is told of: everything but what alarms put on it themselves. */
export const STAGE_EVENTS: readonly NotificationEvent[] = ['quality', 'tests', 'retraining', 'rollout', 'approval'];

/** A run that was weighed, a rollout with its looks, or a version with its evaluation. */
export type Pictured = { readonly runId: string } | { readonly rolloutId: string } | { readonly version: number };

/** One thing that was heard of a model, as an event or an alarm said it. */
export interface Heard {
  readonly model: string;
  readonly event: NotificationEvent;
  /** What has one episode at a time: the event, and of what happens once which one. Lower-case letters, digits, hyphens. */
  readonly subject: string;
  /** What the source calls the episode, where it does: another word is another episode. */
  readonly episode?: string;
  readonly severity: Severity;
  readonly title: string;
  /** What happened, as sentences. */
  readonly text: string;
  /** When it was so. */
  readonly atMs: number;
  /** The path of the platform API where there is more. */
  readonly report?: string;
  /** The day whose reports have the picture. */
  readonly day?: string;
  /** What else the picture is drawn from; absent in records from before these had one. */
  readonly pictured?: Pictured;
  /** Its text says less than what another event says of the same subject: that one's stays. */
  readonly vague?: true;
  /** It is over with its being told: nothing ends it, and nothing repeats it. */
  readonly once?: true;
}

/** One episode of one subject, and who was told. */
export interface NotificationRecord extends Heard {
  /** Below the model: the subject and when the episode began. */
  readonly id: string;
  readonly openedAtMs: number;
  /** When it was last heard that it goes on. */
  readonly heardAtMs: number;
  /** Absent while it goes on. */
  readonly overAtMs?: number;
  /** One a target. */
  readonly tellings: readonly Telling[];
  readonly acknowledged?: Acknowledgement;
}

/** How an episode that waited for somebody came out. */
export interface Outcome extends Pick<Heard, 'title' | 'text' | 'atMs'> {}

export interface Acknowledgement {
  readonly by: string;
  readonly atMs: number;
  readonly note: string;
}

export interface Telling {
  /** `<to> <target>`. */
  readonly target: string;
  /** 1 for the first time, 2 for the first repetition. */
  readonly round: number;
  /** Of this round. `dropped`: acknowledged before it was told. */
  readonly status: 'pending' | 'told' | 'failed' | 'dropped';
  readonly attemptCount: number;
  readonly toldAtMs?: number;
  /** Why the last attempt failed. */
  readonly errorMessage?: string;
  /** Until when it is in the hands of an invocation, and of which. */
  readonly leasedUntilMs?: number;
  readonly leasedBy?: string;
}

/** Somebody who is to be told. */
export interface NotificationTarget {
  readonly to: 'email' | 'sns' | 'webhook';
  readonly target: string;
  /** Default: all. */
  readonly events?: readonly NotificationEvent[] | undefined;
  readonly minSeverity: Severity;
}

export const targetKey = ({ to, target }: Pick<NotificationTarget, 'to' | 'target'>): string => `${to} ${target}`;

const RANKS: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2 };

export const severer = (a: Severity, b: Severity): Severity => (RANKS[a] >= RANKS[b] ? a : b);

export const wantsToHear = (
  { events, minSeverity }: NotificationTarget,
  { event, severity }: Pick<Heard, 'event' | 'severity'>,
): boolean => (events === undefined || events.includes(event)) && RANKS[severity] >= RANKS[minSeverity];
