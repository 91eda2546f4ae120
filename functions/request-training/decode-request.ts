import * as v from 'valibot';
import { datasetPrefix } from '../../shared/contracts/artifacts.ts';
import type { Definitions } from '../../shared/contracts/definitions.ts';
import { CauseSchema, EVENT_SCHEMAS, EVENT_SOURCE } from '../../shared/contracts/events.ts';
import { alarmName } from '../../shared/contracts/metric-names.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { TrainingRequest } from '../../shared/core/registry/index.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import type { AlarmReader, AlarmState } from '../../shared/ports/alarm-reader.ts';

/** What the one-time schedule at the end of a cool-down sends, or at the turn of a month whose budget was spent. */
export type Recheck =
  | Extract<TrainingRequest, { kind: 'schedule' }>
  | {
      readonly kind: 'alarm-recheck';
      readonly model: string;
      readonly alarmName: string;
      /** Which cool-down it ends: what tells this look from the alarm's change of state and from other looks. */
      readonly coolDownEndedAt: string;
    }
  | { readonly kind: 'new-data-recheck'; readonly model: string; readonly request: TrainingRequest };

const Instant = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'must be a time'),
  v.transform((text) => new Date(text).toISOString()),
);

const NewDataRequest = v.object({
  kind: v.literal('new-data'),
  model: v.string(),
  bucket: v.string(),
  key: v.string(),
  eventId: v.string(),
  sequencer: v.string(),
});

const Incoming = v.variant('kind', [
  v.object({ kind: v.literal('schedule'), model: v.string(), scheduledAt: Instant }),
  v.object({ kind: v.literal('staleness'), model: v.string(), scheduledAt: Instant }),
  v.object({ kind: v.literal('alarm-recheck'), model: v.string(), alarmName: v.string(), coolDownEndedAt: Instant }),
  v.object({ kind: v.literal('new-data-recheck'), model: v.string(), request: NewDataRequest }),
]);

const AlarmEvent = v.object({
  source: v.literal('aws.cloudwatch'),
  resources: v.tuple([v.string()]),
  detail: v.object({
    alarmName: v.string(),
    state: v.object({ value: v.string(), reason: v.optional(v.string(), ''), timestamp: Instant }),
  }),
});
const ObjectEvent = v.object({
  source: v.literal('aws.s3'),
  id: v.string(),
  detail: v.object({
    bucket: v.object({ name: v.string() }),
    object: v.object({ key: v.string(), sequencer: v.string() }),
  }),
});
const RequestedEvent = v.object({ source: v.literal(EVENT_SOURCE), detail: EVENT_SCHEMAS['Training Requested'] });
const QUALITY_DEGRADED = 'Quality Degraded';
const QualityEvent = v.object({
  'detail-type': v.literal(QUALITY_DEGRADED),
  detail: v.object({ model: v.string(), day: v.string(), reason: v.optional(v.string(), '') }),
});
const BusEvent = v.variant('source', [AlarmEvent, ObjectEvent, RequestedEvent]);

type AlarmRequest = Extract<TrainingRequest, { kind: 'alarm' }>;

interface Context {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly alarms: AlarmReader;
}

const alarmRequest = (model: string, { ringing: _, ...alarm }: AlarmState): AlarmRequest => ({
  kind: 'alarm',
  model,
  ...alarm,
});

const requestsOfAlarm = (event: v.InferOutput<typeof AlarmEvent>, { stage, definitions }: Context) => {
  const { alarmName: name, state } = event.detail;
  if (state.value !== 'ALARM') return [];
  const [alarmArn] = event.resources;
  return [...definitions.keys()]
    .filter((model) => alarmName(stage, model, 'drift') === name)
    .map((model) => {
      const alarm = { alarmName: name, alarmArn, stateChangedAt: state.timestamp, reason: state.reason };
      return alarmRequest(model, { ...alarm, ringing: true });
    });
};

const requestsOfObject = ({ id, detail }: v.InferOutput<typeof ObjectEvent>, { definitions }: Context) =>
  [...definitions.values()]
    .filter(({ data, retraining }) => retraining.onNewData && detail.object.key.startsWith(datasetPrefix(data.dataset)))
    .map(({ name }): TrainingRequest => {
      const { key, sequencer } = detail.object;
      return { kind: 'new-data', model: name, bucket: detail.bucket.name, key, eventId: id, sequencer };
    });

const isOfQuality = (event: unknown): boolean => v.is(v.object({ 'detail-type': v.literal(QUALITY_DEGRADED) }), event);

/**
 * The requests in an event: of an alarm, of degraded quality, of a new object, of a call, of a schedule, or of a look again at the end of a
 * cool-down. None when there is nothing to do: an alarm that stopped ringing, data that no model waits for.
 * @throws InvalidRequestError for an event of another form.
 */
export const decodeRequests = async (event: unknown, context: Context): Promise<readonly TrainingRequest[]> => {
  if (typeof event === 'object' && event !== null && 'kind' in event) {
    const incoming = parse(Incoming, event, 'request');
    if (incoming.kind === 'schedule' || incoming.kind === 'staleness') return [incoming];
    if (incoming.kind === 'new-data-recheck') return [incoming.request];
    const { model, coolDownEndedAt } = incoming;
    const alarm = await context.alarms.read(incoming.alarmName);
    return alarm?.ringing ? [{ ...alarmRequest(model, alarm), coolDownEndedAt }] : [];
  }
  if (isOfQuality(event)) return [{ kind: 'quality', ...parse(QualityEvent, event, 'event').detail }];
  const received = parse(BusEvent, event, 'event');
  switch (received.source) {
    case 'aws.cloudwatch':
      return requestsOfAlarm(received, context);
    case 'aws.s3':
      return requestsOfObject(received, context);
    case EVENT_SOURCE:
      return [{ kind: 'call', ...received.detail }];
  }
};

/** The request as it is recorded on the execution and the run. */
export const causeOf = (request: TrainingRequest): v.InferOutput<typeof CauseSchema> =>
  parse(CauseSchema, request, 'cause');

/**
 * What to send when a wait is over. Quality and staleness are asked about daily: they need no look of their own. A
 * schedule waits for a budget alone.
 */
export const recheckOf = (request: TrainingRequest, coolDownEndsAtMs: number): Recheck | undefined => {
  if (request.kind === 'schedule') return request;
  if (request.kind === 'alarm') {
    const { model, alarmName: name } = request;
    return { kind: 'alarm-recheck', model, alarmName: name, coolDownEndedAt: isoTime(coolDownEndsAtMs) };
  }
  return request.kind === 'new-data' ? { kind: 'new-data-recheck', model: request.model, request } : undefined;
};
