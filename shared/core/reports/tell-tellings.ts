/** A notification, as far as it says who was told. */
export interface ToldRecord {
  readonly event: string;
  readonly severity: string;
  readonly tellings: readonly {
    readonly status: 'pending' | 'told' | 'failed' | 'dropped';
    /** 1 for the first time. */
    readonly round: number;
  }[];
}

/** Whether the alarm of what happened rang, and so told it on its own topic: only an alarm makes drift severe. */
const alarmRang = ({ event, severity }: ToldRecord): boolean =>
  event === 'alarm' || (event === 'drift' && severity === 'high');

/**
 * Of approvals and roll-backs every record has a telling, the stage's; those that have none are from before, when a rule
 * put their events on the alarm topic.
 */
const wasOnTopic = ({ event, severity, tellings }: ToldRecord): boolean =>
  tellings.length === 0 && (event === 'approval' || (event === 'rollout' && severity === 'high'));

/** Who was told, as people read it: targets by their number, and the alarm's topic, where the alarm itself told it. */
export const tellTellings = (told: ToldRecord): string => {
  const { tellings } = told;
  const failedCount = tellings.filter(({ status }) => status === 'failed').length;
  // Of what is told again each day an earlier round came through.
  const toldCount = tellings.filter(
    ({ status, round }) => status === 'told' || (status !== 'failed' && round > 1),
  ).length;
  const parts = [
    ...(toldCount === 0 ? [] : [`${toldCount} told`]),
    ...(alarmRang(told) || wasOnTopic(told) ? ['by the alarm’s topic'] : []),
    ...(failedCount === 0 ? [] : [`${failedCount} not reached`]),
  ];
  if (parts.length > 0) return parts.join(', ');
  if (tellings.length === 0) return 'nobody asks to be told';
  return tellings.some(({ status }) => status === 'pending') ? 'not told yet' : 'acknowledged before anybody was told';
};
