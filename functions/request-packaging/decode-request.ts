import * as v from 'valibot';
import { EVENT_SCHEMAS, EVENT_SOURCE, type EventDetail } from '../../shared/contracts/events.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { DEFAULT_WORKSPACE } from '../../shared/contracts/registry.ts';

/** What is asked for: a model's file to be taken in, or a client's version to get a package. */
export type PackagingRequest =
  | Extract<EventDetail<'Packaging Requested'>, { kind: 'upload' }>
  | {
      readonly kind: 'version';
      readonly model: string;
      readonly version: number;
      /** Absent when the registration itself asks. */
      readonly asked?: { readonly principal: string; readonly requestId: string };
    };

const BusEvent = v.variant('detail-type', [
  v.object({
    source: v.literal(EVENT_SOURCE),
    'detail-type': v.literal('Registry Changed'),
    detail: EVENT_SCHEMAS['Registry Changed'],
  }),
  v.object({
    source: v.literal(EVENT_SOURCE),
    'detail-type': v.literal('Packaging Requested'),
    detail: EVENT_SCHEMAS['Packaging Requested'],
  }),
]);

const ofRegistration = ({
  workspace,
  entity,
  action,
  data,
}: EventDetail<'Registry Changed'>): PackagingRequest | undefined => {
  if (workspace !== DEFAULT_WORKSPACE || entity !== 'model_version' || action !== 'created') return undefined;
  const { name, version } = data;
  const number = Number(version);
  return typeof name === 'string' && Number.isInteger(number)
    ? { kind: 'version', model: name, version: number }
    : undefined;
};

/** The request in an event; undefined for a change of the registry that asks for nothing. @throws InvalidRequestError */
export const decodeRequest = (event: unknown): PackagingRequest | undefined => {
  const received = parse(BusEvent, event, 'event');
  if (received['detail-type'] === 'Registry Changed') return ofRegistration(received.detail);
  const { detail } = received;
  if (detail.kind === 'upload') return detail;
  const { model, version, principal, requestId } = detail;
  return { kind: 'version', model, version, asked: { principal, requestId } };
};
