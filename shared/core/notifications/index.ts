export {
  acknowledge,
  endEpisode,
  hear,
  type Lease,
  leasedElsewhere,
  leasedTo,
  recordTold,
  remind,
  settleEpisode,
  type ToldResult,
} from './episode.ts';
export {
  alarmSubject,
  heardAlarm,
  heardApproval,
  heardDecision,
  heardDrift,
  heardPromotion,
  heardQuality,
  heardRefusal,
  heardRetraining,
  heardRollBack,
  heardRolloutStarted,
  heardTests,
  type ModelAlarm,
} from './heard.ts';
export { messageBody, messageSubject, messageText, renderNotification, runbookPlace } from './message.ts';
export {
  type Acknowledgement,
  type Heard,
  type NotificationEvent,
  type NotificationRecord,
  type NotificationTarget,
  STAGE_EVENTS,
  type Telling,
} from './notification.ts';
export { type Picture, type PictureFacts, pictureFile, pictureOf } from './picture.ts';
export type { RetrainingFacts } from './picture-of-retraining.ts';
