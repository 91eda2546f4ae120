import * as v from 'valibot';
import { closedFields } from './closed-object.ts';
import { SeveritySchema } from './test-suite-definition.ts';

/** `notifications`: whom a model's troubles are told, and by which way. */

/** What people are told of. A subject has one episode at a time, however many events and alarms belong to it. */
const NOTIFICATION_EVENTS = ['drift', 'quality', 'tests', 'retraining', 'rollout', 'approval', 'alarm'] as const;

const WHAT = {
  /** Default: all. */
  events: v.optional(
    v.pipe(
      v.array(v.picklist(NOTIFICATION_EVENTS, `must be one of ${NOTIFICATION_EVENTS.join(', ')}`)),
      v.minLength(1),
    ),
  ),
  minSeverity: v.optional(SeveritySchema, 'medium'),
};

const Email = closedFields({
  to: v.literal('email'),
  /** An address. It is asked once by SNS whether it wants to be told. */
  target: v.pipe(
    v.string(),
    v.maxLength(254),
    v.regex(/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/, 'must be an e-mail address'),
  ),
  ...WHAT,
});

const Sns = closedFields({
  to: v.literal('sns'),
  target: v.pipe(
    v.string(),
    v.regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, 'must be the ARN of an SNS topic'),
  ),
  ...WHAT,
});

const Webhook = closedFields({
  to: v.literal('webhook'),
  /**
   * The URL of a receiver. What is posted is signed with the secret of the tracking API's webhook of that URL in the
   * default workspace, and unsigned where there is none.
   */
  target: v.pipe(
    v.string(),
    v.maxLength(2_048),
    v.regex(/^https?:\/\/[^\s@]+$/, 'must be an https URL without a user name or a password'),
  ),
  ...WHAT,
});

const MOST_TARGETS = 20;

const targetKeyOf = ({ to, target }: { readonly to: string; readonly target: string }): string => `${to} ${target}`;

export const NotificationsSchema = v.pipe(
  v.array(v.variant('to', [Email, Sns, Webhook])),
  v.maxLength(MOST_TARGETS, `must be at most ${MOST_TARGETS} targets`),
  v.check(
    (targets) => new Set(targets.map(targetKeyOf)).size === targets.length,
    'must name each target once: its events may be several',
  ),
);
export type NotificationTarget = v.InferOutput<typeof NotificationsSchema>[number];
